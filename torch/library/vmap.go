package library

import (
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/fn"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Batch is a call of an operator for a batch.
type Batch struct {
	Args     // with the batch's dimension
	Size int // of the batch

	dims []any // of each tensor among the arguments
}

// Dim returns which dimension of the tensor of that name is the batch's, or
// [fn.Unbatched]. It panics if there is no such argument, or if it is no tensor.
func (b Batch) Dim(name string) int {
	dims := b.Dims(name)
	if len(dims) != 1 {
		panic(torch.Errorf(b.name(), torch.TypeError, "argument '%s' is not one tensor", name))
	}
	return dims[0]
}

// Dims is [Batch.Dim] for each tensor of a list.
func (b Batch) Dims(name string) (dims []int) {
	at := b.position(name)
	for i, p := range tensors(b.values) {
		if p.value == at {
			dims = append(dims, dimOf(b.dims[i]))
		}
	}
	return dims
}

func dimOf(v any) int {
	if dim, ok := v.(int); ok {
		return dim
	}
	return fn.Unbatched
}

// BatchRule computes an operator for a batch. It returns the results, and for each tensor
// among them, those of lists one by one, which of its dimensions is the batch's, or
// [fn.Unbatched]; nil stands for 0 for all.
type BatchRule func(in Batch) (results []any, outDims []int)

// RegisterVmap gives the operator a rule for vmap. Without one it is called for each of a
// batch, and the results are stacked, which an operator that changes its arguments does not
// allow. It panics for a composite operator.
//
// https://docs.pytorch.org/docs/stable/library.html#torch.library.register_vmap
func (o *Operator) RegisterVmap(rule BatchRule) {
	argument.NotNil(o.Name(), "the rule", rule)
	o.refuseComposite("RegisterVmap")
	o.batch.Store(&rule)
}

// Batch computes the results for a batch.
func (b bodies) Batch(size int, dims, args []any) (results, outDims []any) {
	in := Batch{b.whole().args(args), size, dims}
	rule := BatchRule(b.whole().each)
	if registered := b.whole().batch.Load(); registered != nil {
		rule = *registered
	}
	results, given := rule(in)
	list := tensors(results)
	if given != nil && len(given) != len(list) {
		panic(torch.Errorf(b.whole().Name(), torch.ValueError, "the rule for vmap gave %d tensors and the batch's dimension of %d", len(list), len(given)))
	}
	outDims = make([]any, len(list))
	for i, p := range list {
		dim := 0
		if given != nil {
			dim = given[i]
		}
		switch n := p.tensor.Dim(); {
		case dim == fn.Unbatched:
			continue
		case dim < -n || dim >= n:
			panic(torch.Errorf(b.whole().Name(), torch.IndexError, "the rule for vmap gave dimension %d for the batch of tensor %d, which has %d", dim, i, n))
		default:
			outDims[i] = (dim + n) % n
		}
	}
	return results, outDims
}

// each is the rule of an operator that has none: it calls the operator for each of a batch.
func (o *Operator) each(in Batch) (results []any, outDims []int) {
	for _, a := range in.schema.Arguments {
		if strings.HasSuffix(aliasOf(a.Type), "!") {
			panic(torch.Errorf(o.Name(), torch.RuntimeError,
				"vmap: it is not possible to call an operator for each of a batch that changes its arguments: RegisterVmap gives it a rule"))
		}
	}
	places := tensors(in.values)
	var parts [][]*torch.Tensor // of each of the batch, the tensors
	for i := range in.Size {
		inputs := listOf(places)
		for j, x := range inputs {
			if dim := dimOf(in.dims[j]); dim != fn.Unbatched {
				inputs[j] = x.Select(dim, i)
			}
		}
		results = o.defined.Run(with(in.values, places, inputs))
		parts = append(parts, listOf(tensors(results)))
	}
	if in.Size == 0 {
		panic(torch.Errorf(o.Name(), torch.RuntimeError, "vmap: the batch is empty, so nothing says what the results are: RegisterVmap gives the operator a rule"))
	}
	outputs := tensors(results)
	for _, v := range results {
		if !isTensors(v) {
			panic(torch.Errorf(o.Name(), torch.RuntimeError, "vmap: it gives a %T for each of a batch, not a tensor: RegisterVmap gives it a rule", v))
		}
	}
	stacked := make([]*torch.Tensor, len(outputs))
	for i := range stacked {
		column := make([]*torch.Tensor, len(parts))
		for j, part := range parts {
			if len(part) != len(outputs) {
				panic(torch.Errorf(o.Name(), torch.RuntimeError, "vmap: it gives %d tensors for one of a batch, and %d for another", len(part), len(outputs)))
			}
			column[j] = part[i]
		}
		stacked[i] = torch.Stack(column, 0)
	}
	return with(results, outputs, stacked), nil
}

func isTensors(v any) bool {
	switch v.(type) {
	case nil, *torch.Tensor, []*torch.Tensor, []any:
		return true
	}
	return false
}
