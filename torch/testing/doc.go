// Package testing is PyTorch's torch.testing: assertions about tensors, with its
// tolerances and its words, inputs to test with, and a check that a test leaves no
// tensors alive. It needs no other library of assertions. Beside Go's own package
// testing it is imported under another name:
//
//	import (
//		"testing"
//
//		torchtesting "github.com/wangkuiyi/gotorch/torch/testing"
//	)
//
//	func TestNet(t *testing.T) {
//		torchtesting.CheckLeaks(t)
//		x := torchtesting.MakeTensor([]int{2, 3}, torch.Float32)
//		torchtesting.AssertClose(t, x.Mul(2), x.Add(x))
//	}
//
// https://docs.pytorch.org/docs/stable/testing.html
package testing
