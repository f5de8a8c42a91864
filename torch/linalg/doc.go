// Package linalg is PyTorch's torch.linalg: linear algebra on matrices and batches
// of them. Dimensions before the last two are batches. Functions whose input must
// be invertible or positive definite panic with a torch.LinAlgError where it is
// not; those named …Ex return an info tensor instead.
//
// https://docs.pytorch.org/docs/stable/linalg.html
package linalg
