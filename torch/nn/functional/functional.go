// Package functional is PyTorch's torch.nn.functional: layers as functions.
package functional

import (
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Linear returns input · weightᵀ + bias: input (... × in), weight (out × in), bias
// (out) or nil, result (... × out).
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
func Linear(input, weight, bias *torch.Tensor) *torch.Tensor {
	var c torch.Call
	c.Tensor(input)
	c.Tensor(weight)
	c.Tensor(bias)
	return c.One(opLinear)
}

// list, tuple and size write ints as Python does: a list, a tuple, a torch.Size.
func list(values []int) string { return strings.ReplaceAll(fmt.Sprint(values), " ", ", ") }

func tuple(values ...int) string {
	text := strings.Trim(list(values), "[]")
	if len(values) == 1 {
		text += ","
	}
	return "(" + text + ")"
}

func size(values []int) string { return "torch.Size(" + list(values) + ")" }

// Reduction says what becomes of the losses of all elements.
type Reduction string

// The reductions of losses.
const (
	ReductionMean Reduction = "mean" // the mean over all elements
	ReductionSum  Reduction = "sum"  // their sum
	ReductionNone Reduction = "none" // the losses as they are

	// ReductionBatchMean is the sum divided by the batch's size; [KLDiv] only.
	ReductionBatchMean Reduction = "batchmean"
)

// reduction returns libtorch's number of a reduction; "" is the mean.
func reduction(op string, name Reduction) int {
	switch name {
	case ReductionNone:
		return 0
	case ReductionMean, "":
		return 1
	case ReductionSum:
		return 2
	}
	panic(torch.Errorf(op, torch.ValueError, "%s is not a valid value for reduction", string(name)))
}

// CrossEntropyOptions are the options of [CrossEntropy].
type CrossEntropyOptions struct {
	Weight         *torch.Tensor // a factor for each class
	IgnoreIndex    *int          // a class that does not count; default: -100
	Reduction      Reduction     // default: ReductionMean
	LabelSmoothing float64       // how much of each target goes to all classes, from 0 to 1
}

// CrossEntropy returns the loss of input (batch × classes × ..., scores before
// softmax) against target (batch × ..., Int64 classes, or probabilities of
// input's shape): without dimensions, or of target's shape with ReductionNone.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
func CrossEntropy(input, target *torch.Tensor, options ...CrossEntropyOptions) *torch.Tensor {
	o := option.First(options)
	var c torch.Call
	c.Tensor(input)
	c.Tensor(target)
	c.Tensor(o.Weight)
	c.Int(reduction("functional.CrossEntropy", o.Reduction))
	if o.IgnoreIndex != nil {
		c.Int(*o.IgnoreIndex)
	} else {
		c.Default()
	}
	c.Float(o.LabelSmoothing)
	return c.One(opCrossEntropyLoss)
}
