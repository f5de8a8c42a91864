package utils

import (
	"maps"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// FunctionalCallOptions are the options of [FunctionalCall].
type FunctionalCallOptions struct {
	TieWeights *bool // a tensor that the module holds twice is replaced under both names; default: true
	Strict     bool  // panic on names that are missing or unexpected
}

// FunctionalCall returns what call gives, a forward of module, while tensors, by
// their paths, stand in for the module's parameters and buffers. They may be parts
// of a graph, so that the call is a function of them. Afterwards the module is as
// before; no other goroutine may use it meanwhile.
//
//	y := utils.FunctionalCall(net, weights, func() *torch.Tensor { return net.Forward(x) })
//
// https://docs.pytorch.org/docs/stable/generated/torch.func.functional_call.html
func FunctionalCall[T any](module nn.AnyModule, tensors map[string]*torch.Tensor, call func() T, options ...FunctionalCallOptions) T {
	o := option.First(options)
	argument.NotNil("utils.FunctionalCall", "call", call)
	base := nn.Base(module)
	places := base.NamedTensors()
	if o.Strict {
		mustFit(module, places, tensors, !option.Or(o.TieWeights, true))
	}
	tied := map[*torch.Tensor]*torch.Tensor{}
	for _, p := range places {
		x, ok := tensors[p.Name]
		if other := tied[p.Tensor]; ok && other != nil && other != x && option.Or(o.TieWeights, true) {
			panic(torch.Errorf("utils.FunctionalCall", torch.ValueError,
				"functional_call got multiple values for keys %s, which are tied. Consider setting TieWeights to false", "["+quoted(keys(places, func(n nn.NamedTensor) bool { return n.Tensor == p.Tensor }))+"]"))
		}
		if ok {
			tied[p.Tensor] = x
		}
	}
	for _, p := range places {
		x, ok := tensors[p.Name]
		if !ok && option.Or(o.TieWeights, true) {
			x, ok = tied[p.Tensor]
		}
		if ok {
			defer base.SwapTensor(p.Name, base.SwapTensor(p.Name, x))
		}
	}
	return call()
}

// mustFit panics unless tensors have the names of places, and no others.
func mustFit(module nn.AnyModule, places []nn.NamedTensor, tensors map[string]*torch.Tensor, untied bool) {
	given := map[*torch.Tensor]bool{}
	unexpected := maps.Clone(tensors)
	for _, p := range places {
		delete(unexpected, p.Name)
		if _, ok := tensors[p.Name]; ok && !untied {
			given[p.Tensor] = true
		}
	}
	var problems []string
	if len(unexpected) > 0 {
		problems = append(problems, "\n\tUnexpected key(s): "+quoted(slices.Sorted(maps.Keys(unexpected)))+".")
	}
	missing := keys(places, func(n nn.NamedTensor) bool { return tensors[n.Name] == nil && !given[n.Tensor] })
	if len(missing) > 0 {
		problems = append(problems, "\n\tMissing key(s): "+quoted(missing)+".")
	}
	if len(problems) > 0 {
		panic(torch.Errorf("utils.FunctionalCall", torch.RuntimeError, "Error(s) in reparametrizing for %s:%s",
			nn.TypeName(module), strings.Join(problems, "")))
	}
}

// keys returns the names of the places that pick picks, sorted.
func keys(places []nn.NamedTensor, pick func(nn.NamedTensor) bool) []string {
	var names []string
	for _, p := range places {
		if pick(p) {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

func quoted(names []string) string { return "'" + strings.Join(names, "', '") + "'" }
