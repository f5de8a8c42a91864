// Package nn is PyTorch's torch.nn: modules, which hold parameters and compute
// with them. [Module] says how to write one.
package nn
