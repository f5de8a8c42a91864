package nn

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// ParamCount returns the number of elements of all parameters of a module, each
// parameter counted once.
func ParamCount(module AnyModule) int {
	n := 0
	for _, p := range Base(module).Parameters() {
		n += p.Numel()
	}
	return n
}

// ModelSummary says what the modules of a network give and cost. Printed, it is a
// table.
type ModelSummary struct {
	Rows      []SummaryRow
	Params    int // the elements of all parameters
	Trainable int // those of parameters that require gradients
	MACs      int // the multiplications, each with an addition, of the call
}

// SummaryRow is what [Summary] says of a module.
type SummaryRow struct {
	Name   string // within the module around it, "" for the network
	Type   string
	Depth  int   // 0 for the network
	Output []int // the shape of its first output, at the last call; nil if it was not called
	Params int   // the elements of its own parameters, without those of modules within it
	MACs   int   // its own multiplications, of all its calls
	last   bool  // of the modules around it
}

// Summary passes x through a network and returns its modules with the shapes that
// they give, their parameters, and the multiplications that linear layers,
// convolutions, recurrent layers and attention take. Shapes are those of modules
// whose hooks are called: by [Call], as the network and what containers hold, or by
// a Forward that goes through [Module.Run], as of all modules of this package. The network is in evaluation mode
// meanwhile, and no gradients are computed.
//
//	fmt.Println(nn.Summary(net, torch.Zeros([]int{1, 3, 224, 224})))
func Summary(network Layer, x *torch.Tensor) *ModelSummary {
	var y *torch.Tensor
	s := SummaryOf(network, func() { y = Call(network, x) })
	s.Rows[0].Output = y.Shape()
	return s
}

// SummaryOf is [Summary] for networks of other inputs: call passes them through.
func SummaryOf(network AnyModule, call func()) *ModelSummary {
	argument.NotNil("nn.SummaryOf", "call", call)
	w := &watch{outputs: map[*Module][]int{}, macs: map[*Module]int{}}
	defer w.begin(Base(network))()
	torch.NoGrad(call)
	s := &ModelSummary{Params: ParamCount(network)}
	for _, p := range network.base().Parameters() {
		if p.RequiresGrad() {
			s.Trainable += p.Numel()
		}
	}
	w.list(s, NamedModule{"", network}, 0, true, map[*Module]bool{}, map[*torch.Tensor]bool{})
	for _, n := range w.macs {
		s.MACs += n
	}
	return s
}

// watch sees the calls of the modules of a network.
type watch struct {
	outputs map[*Module][]int
	macs    map[*Module]int
}

// begin registers hooks and puts the network into evaluation mode; the function
// that it returns ends that.
func (w *watch) begin(network *Module) (end func()) {
	var undo []func()
	for _, module := range network.Modules() {
		m := module.base()
		calls, evaluating := m.calls, m.evaluating
		hook := m.RegisterForwardHook(func(module AnyModule, inputs, outputs []*torch.Tensor) []*torch.Tensor {
			if len(outputs) > 0 && outputs[0] != nil {
				w.outputs[m] = outputs[0].Shape()
				if c, ok := module.(counted); ok {
					w.macs[m] += c.multiplications(inputs, outputs[0])
				}
			}
			return nil
		})
		m.evaluating = true
		undo = append(undo, func() {
			hook.Remove()
			m.calls, m.evaluating = calls, evaluating
		})
	}
	return func() {
		for _, f := range undo {
			f()
		}
	}
}

// list adds a module and those within it, each once.
func (w *watch) list(s *ModelSummary, module NamedModule, depth int, last bool, seen map[*Module]bool, counted map[*torch.Tensor]bool) {
	m := module.Module.base()
	if seen[m] {
		return
	}
	seen[m] = true
	row := SummaryRow{Name: module.Name, Type: typeName(m.self), Depth: depth, Output: w.outputs[m], MACs: w.macs[m], last: last}
	for _, p := range m.parameters {
		if x := *p.tensor; x != nil && !counted[x] {
			counted[x] = true
			row.Params += x.Numel()
		}
	}
	s.Rows = append(s.Rows, row)
	children := m.NamedChildren()
	for i, c := range children {
		w.list(s, c, depth+1, i == len(children)-1, seen, counted)
	}
}

// String returns the table.
func (s *ModelSummary) String() string {
	table := [][]string{{"Layer", "Output shape", "Parameters", "Mult-adds"}}
	var bars []string // what leads to the modules within those above
	for _, row := range s.Rows {
		name := row.Type
		if row.Depth > 0 {
			bars = bars[:row.Depth-1]
			corner, bar := "├─ ", "│  "
			if row.last {
				corner, bar = "└─ ", "   "
			}
			name = strings.Join(bars, "") + corner + row.Name + ": " + row.Type
			bars = append(bars, bar)
		}
		output := "-"
		if row.Output != nil {
			output = list(row.Output)
		}
		table = append(table, []string{name, output, countOrDash(row.Params), countOrDash(row.MACs)})
	}
	widths := make([]int, len(table[0]))
	for _, line := range table {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	rule := strings.Repeat("─", widths[0]+widths[1]+widths[2]+widths[3]+6)
	var text strings.Builder
	for i, line := range table {
		fmt.Fprintf(&text, "%-*s  %-*s  %*s  %*s\n", widths[0], line[0], widths[1], line[1], widths[2], line[2], widths[3], line[3])
		if i == 0 {
			text.WriteString(rule + "\n")
		}
	}
	fmt.Fprintf(&text, "%s\nParameters: %s, trainable: %s\nMult-adds: %s", rule, count(s.Params), count(s.Trainable), count(s.MACs))
	return text.String()
}

func countOrDash(n int) string {
	if n == 0 {
		return "-"
	}
	return count(n)
}

// count writes a number with commas: 1,234,567.
func count(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
