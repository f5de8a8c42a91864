// Package special is PyTorch's torch.special: special functions, of each element.
// Arguments broadcast, and integers are computed as floating-point numbers.
//
// https://docs.pytorch.org/docs/stable/special.html
package special
