package torch

import (
	"runtime"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/plan"
)

// planned is a program of operators that runs in one call, for package graph. Several
// goroutines may run it at once. The garbage collector frees it.
type planned struct{ plan *cgotorch.Plan }

// NewPlan makes a plan of a program, of the tensors that its values were when it was
// recorded, and of the operators of its nodes. It fails where a plan cannot do what the
// program does.
func (exports) NewPlan(program *plan.Program, values []*Tensor, operators []*OpOverload) (*planned, error) {
	var made *cgotorch.Plan
	err := Try(func() {
		c := Call{undefined: true}
		c.program(program, values, operators)
		c.hold()
		defer c.release()
		var err *cgotorch.Error
		made, err = cgotorch.NewPlan(&c.args)
		c.check("plan", err)
	})
	if err != nil {
		return nil, err
	}
	p := &planned{made}
	runtime.AddCleanup(p, (*cgotorch.Plan).Free, made)
	return p, nil
}

// program passes a program.
func (c *Call) program(program *plan.Program, values []*Tensor, operators []*OpOverload) {
	c.Tensors(values)
	c.args.List(2 * len(program.Values))
	for _, v := range program.Values {
		c.Int(int(v.Kind) | v.Of<<8)
		c.Bool(v.RequiresGrad)
	}
	c.args.List(len(program.Nodes))
	for i, n := range program.Nodes {
		op := operators[i]
		c.args.List(4 + len(n.Arguments))
		check(op.Name(), c.args.Operator(op.op))
		c.Bool(n.Grad)
		c.Bool(n.Room)
		c.slots(n.Results)
		for j, v := range n.Arguments {
			if wrong := c.pass(op.schema.Arguments[j].Type, v); wrong != "" {
				panic(Errorf(op.Name(), TypeError, "argument '%s' is %s", op.schema.Arguments[j].Name, wrong))
			}
		}
	}
	c.args.List(len(program.Results))
	for _, v := range program.Results {
		c.args.Slot(v)
	}
	c.args.List(len(program.Gradients))
	for _, g := range program.Gradients {
		c.args.List(2)
		c.args.Slot(g.Constant)
		if g.Value < 0 {
			c.None()
		} else {
			c.args.Slot(g.Value)
		}
	}
	c.args.List(len(program.EmptyGradients))
	for _, v := range program.EmptyGradients {
		c.args.Slot(v)
	}
}

// slots passes the results of a node.
func (c *Call) slots(results []any) {
	c.args.List(len(results))
	for _, r := range results {
		switch r := r.(type) {
		case plan.Slot:
			c.args.Slot(r.Number)
		case []any:
			c.slots(r)
		default:
			c.None()
		}
	}
}

// Run runs the plan and returns its results. It fails with -1 where the inputs do not fit
// and nothing was done, or else with the node that failed.
func (p *planned) Run(inputs []*Tensor) (results []*Tensor, node int, err error) {
	var c Call
	c.Tensors(inputs)
	raw, node, failure := p.run(&c)
	if failure != nil {
		return nil, node, Try(func() { c.fail("graph", failure) })
	}
	r := Results{raw}
	if cgotorch.Warned() {
		r.warnBefore()
	}
	return r.Tensors(), 0, nil
}

func (p *planned) run(c *Call) (cgotorch.Results, int, *cgotorch.Error) {
	defer runtime.KeepAlive(p)
	c.hold()
	defer c.release()
	return p.plan.Run(&c.args)
}

// Record lets the plan be recorded as a CUDA graph. It fails where it cannot be.
func (p *planned) Record() error {
	defer runtime.KeepAlive(p)
	if err := p.plan.Record(); err != nil {
		return errorOf("graph", err)
	}
	return nil
}

// Free frees the plan's memory; goroutines that run it end first.
func (p *planned) Free() { p.plan.Free() }

// Bytes returns how much memory the plan has for each goroutine that runs it.
func (p *planned) Bytes() int { return int(p.plan.Bytes()) }
