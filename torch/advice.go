package torch

import "strings"

// pythonAdvice pairs what libtorch's errors advise in Python's words with what there
// is in Go. Where two begin alike, the longer one comes first.
var pythonAdvice = []string{
	// Gradients.
	"when you call .backward() or autograd.grad()", "when you call Backward or autograd.Grad",
	"Specify retain_graph=True", "Set RetainGraph in BackwardOptions or GradOptions to new(true)",
	"Set allow_unused=True", "Set GradOptions.AllowUnused",
	"torch.autograd.set_detect_anomaly(True, check_nan=False)", "autograd.DetectAnomaly and AnomalyOptions{CheckNaN: new(false)}",
	"torch.autograd.set_detect_anomaly(True)", "autograd.DetectAnomaly",
	"use var_no_grad = var.detach()", "use y := x.Detach()",
	"i.e. with .detach_().This is not supported, please use out-of-place `.detach()` instead",
	"i.e. with DetachInplace. This is not supported, please use Detach instead",
	"(e.g., using .detach())", "(e.g., using Detach)",
	"created from .data or .detach().", "created by Detach.",
	"remove the .data / .detach() call and wrap the change in a `with torch.no_grad():` block.",
	"make the change in torch.NoGrad, not on the result of Detach.",
	"\nFor example, change:\n    x.data.set_(y)\nto:\n    with torch.no_grad():\n        x.set_(y)", "",
	"`torch.no_grad()` instead of `torch.inference_mode()`", "torch.NoGrad instead of torch.InferenceMode",
	"inside the inference_mode block", "inside torch.InferenceMode",
	"inside the no_grad block", "inside torch.NoGrad",
	"no_grad mode", "torch.NoGrad",
	"outside InferenceMode is not allowed.You can make a clone", "outside torch.InferenceMode is not allowed. You can make a Clone",
	"Setting requires_grad=True on inference tensor outside InferenceMode", "SetRequiresGrad(true) on an inference tensor outside torch.InferenceMode",
	"that has requires_grad=False", "that does not require gradients",
	"can't retain_grad on Tensor", "RetainGrad cannot be called on a Tensor",
	"Tensor.requires_grad_()", "SetRequiresGrad",
	"call requires_grad_() outside", "call SetRequiresGrad outside",
	"Tensor.retain_grad()", "RetainGrad",
	"call retain_grad() outside", "call RetainGrad outside",
	"use .retain_grad() on", "use RetainGrad on",
	"during autograd.backward()", "during Backward",
	"(using .clone() for example)", "(using Clone for example)",
	"ctx.mark_dirty()", "Context.MarkDirty",
	"to pass it to mark_dirty()", "to pass it to MarkDirty",

	// Values and layouts.
	"Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number",
	"Use Item, Int or Complex to convert a 0-dim tensor to a number",
	"calling .item() on a Tensor", "calling Item on a Tensor",
	"using `.clone()`", "using Clone",
	"using .clone() if", "using Clone if",
	"Please clone() the tensor", "Please Clone the tensor",
	"please call .coalesce() first", "please call Coalesce first",
	"please use dequantize to get", "please use Dequantize to get",
	"Use .reshape(...) instead.", "Use Reshape instead.",
	"pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence", "set EnforceSorted to new(false) for rnn.PackPaddedSequence and rnn.PackSequence",
	"Consider `x.mT` to transpose", "Consider x.MT() to transpose",
	"Consider using x.conj()", "Consider using x.Conj()",

	// Settings.
	"'torch.use_deterministic_algorithms(True, warn_only=True)'", "torch.UseDeterministicAlgorithms(true, torch.DeterministicOptions{WarnOnly: true})",
	"'torch.use_deterministic_algorithms(True)'", "torch.UseDeterministicAlgorithms(true)",
	"you can use the 'warn_only=True' option", "you can use DeterministicOptions.WarnOnly",

	// Functions to be called instead.
	"torch.nn.functional.binary_cross_entropy_with_logits", "functional.BinaryCrossEntropyWithLogits",
	"torch.nn.BCEWithLogitsLoss", "nn.BCEWithLogitsLoss",
	"torch.nn.functional.binary_cross_entropy", "functional.BinaryCrossEntropy",
	"torch.nn.BCELoss", "nn.BCELoss",
	"When vmap-ing torch.nn.functional.one_hot, please provide an explicit positive num_classes argument", "When vmap-ing functional.OneHot, please set OneHotOptions.NumClasses",
	"torch.linalg.multi_dot", "linalg.MultiDot",
	"torch.linalg.lu_factor", "linalg.LUFactor",
	"torch.linalg.lu_solve", "linalg.LUSolve",
	"torch.linalg.cross", "linalg.Cross",
	"torch.scatter_reduce", "torch.ScatterReduce",
	"torch.view_as_real", "torch.ViewAsReal",
	"use torch.sgn instead", "use torch.Sgn instead",
}

var pythonToGo = strings.NewReplacer(pythonAdvice...)

// inGo returns an error's text with what it advises in Go's words.
func inGo(text string) string { return pythonToGo.Replace(text) }
