// Package flopcounter counts the floating-point operations that a program takes, by module
// and by operator, as PyTorch's torch.utils.flop_counter does.
//
//	counter := flopcounter.New(flopcounter.Options{Modules: []nn.AnyModule{net}})
//	counter.Count(func() { net.Forward(x).Sum().Backward() })
//	fmt.Println(counter.TotalFlops())
//	fmt.Println(counter.Table())
//
// The numbers follow from shapes: they are those of dense products, convolutions and
// attention, forward and backward, twice a multiplication, as PyTorch's formulas have them.
// They say nothing of time, masks, or dtypes, and all other operators count as 0.
//
// https://docs.pytorch.org/docs/stable/torch.html#torch.utils.flop_counter.FlopCounterMode
package flopcounter

import (
	"maps"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/flops"
	"github.com/wangkuiyi/gotorch/torch/internal/moduletrack"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Formula counts the operations of a call of an operator. It gets the arguments in the
// schema's order and the results, with a []int, the shape, in the place of each tensor and
// nil in that of one that is not there.
type Formula func(args, results []any) int

// Options are the options of [New].
type Options struct {
	// Modules are the modules to tell apart, with those within. Their names begin with
	// their types': "Net" and "Net.fc1". A module counts as running in calls that call its
	// hooks: see nn.Module.RegisterForwardPreHook, and call a Forward of your own by nn.Call.
	Modules []nn.AnyModule
	// Formulas are for operators that have none, such as "mylib::scale", or instead of those
	// that there are. Overloads share one.
	Formulas map[string]Formula
}

// Counter counts operations.
type Counter struct {
	options Options
	modules map[string]*tally
}

// global is the name of what holds all operators.
const global = "Global"

// tally is what operators took, in the order in which they were first seen.
type tally struct {
	ops    []string
	counts map[string]int
}

func (t *tally) add(op string, n int) {
	if _, seen := t.counts[op]; !seen {
		t.ops = append(t.ops, op)
	}
	t.counts[op] += n
}

func (t *tally) total() (n int) {
	for _, count := range t.counts {
		n += count
	}
	return n
}

// New returns a counter.
func New(options ...Options) *Counter {
	return &Counter{options: option.First(options), modules: map[string]*tally{}}
}

// Count calls f and counts what it takes; counts of a call before are forgotten. f runs in
// the calling goroutine, as [torch.WithDispatch] says; what other goroutines do does not
// count. A backward pass counts if f makes it. It panics if f is nil.
func (c *Counter) Count(f func()) {
	argument.NotNil("flopcounter.Counter.Count", "the function", f)
	c.modules = map[string]*tally{}
	c.tally(global)
	tracker := moduletrack.New(c.options.Modules...)
	defer tracker.Close()
	torch.WithDispatch(&mode{c, tracker}, f, torch.DispatchOptions{Scoped: true})
}

// mode sees the operators for a counter.
type mode struct {
	*Counter
	tracker *moduletrack.Tracker
}

// Dispatch counts an operator.
func (m *mode) Dispatch(call *torch.DispatchCall) []any {
	name, _, _ := strings.Cut(call.Op.Name(), ".")
	args := shapes(call.Args)
	results := call.Run()
	n, known := 0, false
	if formula := m.options.Formulas[name]; formula != nil {
		n, known = formula(args, shapes(results)), true
	} else {
		n, known = flops.Count(name, args, shapes(results))
	}
	if !known {
		return results
	}
	m.tally(global).add(name, n)
	for _, module := range m.tracker.Names() {
		m.tally(module).add(name, n)
	}
	return results
}

// shapes returns values with shapes in the places of tensors.
func shapes(values []any) []any {
	list := make([]any, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case *torch.Tensor:
			if v != nil {
				list[i] = v.Shape()
			}
		case []*torch.Tensor:
			inner := make([]any, len(v))
			for j, x := range v {
				inner[j] = x
			}
			list[i] = shapes(inner)
		default:
			list[i] = v
		}
	}
	return list
}

func (c *Counter) tally(module string) *tally {
	t := c.modules[module]
	if t == nil {
		t = &tally{counts: map[string]int{}}
		c.modules[module] = t
	}
	return t
}

// TotalFlops returns how many operations all operators took.
func (c *Counter) TotalFlops() int {
	if t := c.modules[global]; t != nil {
		return t.total()
	}
	return 0
}

// FlopCounts returns the counts by module, of which "Global" stands for all, and by
// operator, such as "aten::addmm".
func (c *Counter) FlopCounts() map[string]map[string]int {
	counts := map[string]map[string]int{}
	for name, t := range c.modules {
		counts[name] = maps.Clone(t.counts)
	}
	return counts
}

// names returns the modules that have counts, sorted, without Global.
func (c *Counter) names() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.modules)), func(name string) bool { return name == global })
}
