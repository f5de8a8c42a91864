package graph

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/internal/plan"
	"github.com/wangkuiyi/gotorch/torch"
)

// plans are what a program has planned: for each kind of inputs that it runs with again a
// plan.
type plans struct {
	list  latest[*programPlan]
	mutex sync.Mutex
	seen  []string    // kinds of inputs that ran without a plan, the latest first
	never atomic.Bool // what the program does depends on values
}

// mostSeen is how many kinds of inputs a program remembers.
const mostSeen = 32

// programPlan is a plan of a program for one kind of inputs.
type programPlan struct {
	runner
	origins []*Node // of the plan's nodes those of the program
	others  []any   // the inputs that are no tensors; nil for those that are
	outputs []any   // a plan.Slot for a tensor, or another value
}

// apply runs the program by a plan, if there is one for such inputs or if it is time to
// make one, and reports whether it did.
func (p *plans) apply(program *Program, inputs []any) (outputs []any, done bool, err error) {
	if p.never.Load() {
		return nil, false, nil
	}
	tensors, others, ok := split(inputs)
	if !ok {
		return nil, false, nil
	}
	for i, plan := range p.list.all() {
		if !slices.Equal(plan.others, others) {
			continue
		}
		results, node, err := plan.Run(tensors)
		switch {
		case err == nil:
			if i > 0 {
				p.list.prefer(plan)
			}
			return plan.give(results), true, nil
		case node >= 0:
			return nil, true, plan.origins[node].wrap(err)
		}
	}
	if !p.again(kind(tensors, others)) {
		return nil, false, nil
	}
	outputs, err = p.record(program, inputs, tensors, others)
	return outputs, true, err
}

// split returns the inputs that are tensors and the others, and whether a plan may run
// with them: where gradients are wanted it may not.
func split(inputs []any) (tensors []*torch.Tensor, others []any, ok bool) {
	if internals.InDispatch() || torch.IsAutocastEnabled(torch.CPU) || torch.IsAutocastEnabled(torch.CUDA(0)) {
		return nil, nil, false
	}
	grad := torch.IsGradEnabled()
	tensors, others = make([]*torch.Tensor, 0, len(inputs)), make([]any, len(inputs))
	for i, v := range inputs {
		switch v := v.(type) {
		case *torch.Tensor:
			if v == nil || grad && v.RequiresGrad() {
				return nil, nil, false
			}
			tensors = append(tensors, v)
		case nil, bool, int, float64, string, torch.DType, torch.Device:
			others[i] = v
		default:
			return nil, nil, false
		}
	}
	return tensors, others, true
}

// kind describes inputs for which one plan serves.
func kind(tensors []*torch.Tensor, others []any) string {
	var b strings.Builder
	for _, x := range tensors {
		fmt.Fprint(&b, x.DType(), x.Shape(), x.Stride(), x.Device())
	}
	fmt.Fprint(&b, others)
	return b.String()
}

// again notes a kind of inputs and reports whether it was there before: a plan is worth
// its making for what comes again.
func (p *plans) again(kind string) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if slices.Contains(p.seen, kind) {
		return true
	}
	p.seen = slices.Insert(p.seen, 0, kind)
	p.seen = p.seen[:min(len(p.seen), mostSeen)]
	return false
}

// record runs the program and makes a plan of the operators that it calls.
func (p *plans) record(program *Program, inputs []any, tensors []*torch.Tensor, others []any) (outputs []any, err error) {
	r := newRecorder()
	defer r.free()
	r.lenient = true
	failure := torch.Try(func() {
		for i, x := range tensors {
			r.add(x, plan.Input, fmt.Sprint("input_", i))
		}
		torch.NoGrad(func() {
			torch.WithDispatch(r, func() { outputs, err = program.interpret(inputs, r.reach) }, torch.DispatchOptions{Scoped: true})
		})
	})
	if failure != nil {
		return nil, failure
	}
	if err != nil {
		return nil, err
	}
	made := r.plan(outputs)
	if made == nil {
		p.never.Store(true)
		return outputs, nil
	}
	made.others = others
	p.list.prefer(made)
	return outputs, nil
}

// reach notes the node of a program that is run next.
func (r *recorder) reach(n *Node) { r.origin = n }

// plan makes a plan of what was recorded, nil if there is none.
func (r *recorder) plan(outputs []any) *programPlan {
	if r.refusal != nil {
		return nil
	}
	made := &programPlan{origins: r.origins}
	var results []*torch.Tensor
	for _, out := range outputs {
		switch out := out.(type) {
		case *torch.Tensor:
			made.outputs = append(made.outputs, plan.Slot{Number: len(results)})
			results = append(results, out)
		case []any:
			return nil
		default:
			made.outputs = append(made.outputs, out)
		}
	}
	var err error
	if made.runner, err = r.runner(results, &plan.Program{}); err != nil {
		return nil
	}
	return made
}

// give returns the program's outputs with results in their places.
func (p *programPlan) give(results []*torch.Tensor) []any {
	outputs := make([]any, len(p.outputs))
	for i, out := range p.outputs {
		outputs[i] = out
		if slot, ok := out.(plan.Slot); ok {
			outputs[i] = results[slot.Number]
		}
	}
	return outputs
}
