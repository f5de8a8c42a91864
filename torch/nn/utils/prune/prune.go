// Package prune is PyTorch's torch.nn.utils.prune: elements of parameters become
// and stay 0.
//
// A pruned parameter NAME is the product of a parameter NAME_orig and a buffer
// NAME_mask, computed anew at the beginning of each forward that goes through
// nn.Module.Run. Pruning again prunes what is left.
package prune

import (
	"math"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Method chooses which elements of a tensor to keep.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.BasePruningMethod.html
type Method interface {
	// ComputeMask returns 1 where an element of x is kept and 0 elsewhere; what mask
	// has as 0 stays 0.
	ComputeMask(x, mask *torch.Tensor) *torch.Tensor
	// Dim returns the dimension whose parts are kept or pruned as a whole, for a
	// structured method, and which kind of method it is.
	Dim() (dim int, kind Kind)
}

// Kind says what a method prunes.
type Kind int

// The kinds of methods.
const (
	Unstructured Kind = iota // single elements
	Structured               // parts along a dimension
	Global                   // elements of several tensors at once
)

// Options are the options of the functions that prune the least important elements.
type Options struct {
	ImportanceScores *torch.Tensor // of the tensor's shape; default: the tensor itself
}

// Apply prunes the module's parameter of a name with a method, and returns the
// module. It panics if there is no such parameter, and if scores have another shape.
func Apply[M nn.AnyModule](module M, name string, method Method, options ...Options) M {
	argument.NotNil("prune.Apply", "the method", method)
	base := nn.Base(module)
	x := base.GetTensor(name)
	scores := option.First(options).ImportanceScores
	if scores == nil {
		scores = x
	} else if size := python.Size(scores.Shape()); size != python.Size(x.Shape()) {
		panic(torch.Errorf("prune", torch.ValueError,
			"importance_scores should have the same shape as parameter %s of %s, got %s vs %s", name, base, size, python.Size(x.Shape())))
	}
	scores = scores.Detach()
	if isPruned(base, name) {
		base.SwapTensor(name+"_mask", combined(method, scores, base.GetBuffer(name+"_mask").Clone()).Keep())
		base.GetTensor(name)
		return module
	}
	mask := method.ComputeMask(scores, torch.OnesLike(x.Detach()))
	base.Derive(name, masked(x, mask), func(module nn.AnyModule) *torch.Tensor {
		m := nn.Base(module)
		return masked(m.GetTensor(name+"_orig"), m.GetTensor(name+"_mask"))
	})
	base.RegisterParameter(name+"_orig", x)
	base.RegisterBuffer(name+"_mask", mask, true)
	return module
}

func masked(x, mask *torch.Tensor) *torch.Tensor { return mask.To(x.DType()).Mul(x) }

// combined returns the mask that a method gives for what mask keeps of x.
func combined(method Method, x, mask *torch.Tensor) *torch.Tensor {
	result := mask.To(x.DType())
	dim, kind := method.Dim()
	switch kind {
	case Unstructured:
		kept := mask.Eq(1)
		part := method.ComputeMask(x.MaskedSelect(kept), mask.MaskedSelect(kept))
		return result.MaskedScatter(kept, part.To(result.DType()))
	case Structured:
		var others []int
		for d := range x.Dim() {
			if d != (dim+x.Dim())%x.Dim() {
				others = append(others, d)
			}
		}
		kept := mask.Sum(others...).Ne(0).Nonzero().View(-1)
		part := method.ComputeMask(x.IndexSelect(dim, kept), mask.IndexSelect(dim, kept))
		return result.IndexCopy(dim, kept, part.To(result.DType()))
	}
	return method.ComputeMask(x, mask).To(result.DType())
}

// Remove makes pruning last: the module's parameter of a name is one again, with
// zeros. It returns the module, and panics if the parameter was not pruned.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.remove.html
func Remove[M nn.AnyModule](module M, name string) M {
	base := nn.Base(module)
	if !isPruned(base, name) {
		panic(torch.Errorf("prune", torch.ValueError,
			"Parameter '%s' of module %s has to be pruned before pruning can be removed", name, base))
	}
	x := base.GetParameter(name + "_orig")
	x.SetData(base.GetTensor(name).Detach())
	base.Unregister(name + "_orig")
	base.Unregister(name + "_mask")
	base.Restore(name, x)
	return module
}

// IsPruned reports whether a parameter of the module or of those within it is
// pruned.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.is_pruned.html
func IsPruned(module nn.AnyModule) bool {
	base := nn.Base(module)
	for _, b := range base.NamedBuffers() {
		path, ok := strings.CutSuffix(b.Name, "_mask")
		dot := strings.LastIndex(path, ".")
		if ok && isPruned(nn.Base(base.GetSubmodule(path[:max(dot, 0)])), path[dot+1:]) {
			return true
		}
	}
	return false
}

func isPruned(base *nn.Module, name string) bool {
	for _, b := range base.NamedBuffers() {
		if b.Name == name+"_mask" {
			return base.IsDerived(name)
		}
	}
	return false
}

// Amount is how much to prune: an integer is a number of elements or parts, a
// floating-point number from 0 to 1 a share of them.
type Amount = any

// mustBeAmount panics unless amount is one.
func mustBeAmount(amount Amount) {
	ok := false
	if n, isInt := number.Int(amount); isInt {
		ok = n >= 0
	} else if share, isFloat := number.Float(amount); isFloat {
		ok = share >= 0 && share <= 1
	} else {
		panic(torch.Errorf("prune", torch.TypeError, "Invalid type for amount: %v. Must be int or float.", amount))
	}
	if !ok {
		panic(torch.Errorf("prune", torch.ValueError,
			"amount=%s should either be a float in the range [0, 1] or a non-negative integer", python.Repr(amount)))
	}
}

// numberOf returns how many of size an amount is.
func numberOf(amount Amount, size int) int {
	n, isInt := number.Int(amount)
	if !isInt {
		share, _ := number.Float(amount)
		return int(math.RoundToEven(share * float64(size)))
	}
	if n > size {
		panic(torch.Errorf("prune", torch.ValueError,
			"amount=%d should be smaller than the number of parameters to prune=%d", n, size))
	}
	return n
}
