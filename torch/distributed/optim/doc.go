// Package optim has the optimizers whose state is divided among processes: PyTorch's
// torch.distributed.optim.
//
// https://docs.pytorch.org/docs/stable/distributed.optim.html
package optim
