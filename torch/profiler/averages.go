package profiler

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Average is what the events of one key took together.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.profiler_util.FunctionEventAvg.html
type Average struct {
	Key   string // their name
	Count int
	// CPUTimeTotal is how long they took, and SelfCPUTimeTotal without their children.
	CPUTimeTotal, SelfCPUTimeTotal time.Duration
	// CPUMemory is how many bytes they took more than they gave back, and SelfCPUMemory
	// without their children.
	CPUMemory, SelfCPUMemory int
	FLOPs                    int
	InputShapes              [][]int  // of the first one, where they are grouped by shapes
	Stack                    []string // of the first one, as many calls as they are grouped by
	Async                    bool     // whether the first one was
	UserAnnotation           bool     // they are regions, not operators

	nested bool // whether the first one has a parent
	shaped bool // whether InputShapes is part of the key
}

// CPUTime returns how long an event took on average.
func (a *Average) CPUTime() time.Duration {
	if a.Count == 0 {
		return 0
	}
	return a.CPUTimeTotal / time.Duration(a.Count)
}

// add adds an event.
func (a *Average) add(e *Event) {
	a.Count++
	a.CPUTimeTotal += e.CPUTimeTotal()
	a.SelfCPUTimeTotal += e.SelfCPUTimeTotal()
	a.CPUMemory += e.CPUMemory
	a.SelfCPUMemory += e.SelfCPUMemory()
	a.FLOPs += e.FLOPs
}

// KeyOptions are the options of [Profile.KeyAverages].
type KeyOptions struct {
	GroupByInputShape bool // events of other shapes of inputs are other ones; needs RecordShapes
	GroupByStackN     int  // so are those whose stacks differ in the innermost calls, so many; needs WithStack
}

// Averages has a row for each key, in the order in which their first events began.
type Averages struct {
	Rows []*Average

	memory, flops bool // columns that were asked for
}

// KeyAverages adds up the events of each name, or as the options say. Without a trace it is
// empty.
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler._KinetoProfile.key_averages
func (p *Profile) KeyAverages(options ...KeyOptions) *Averages {
	a := averagesOf(p.events, option.First(options))
	a.memory, a.flops = p.options.ProfileMemory, p.options.WithFLOPs
	return a
}

func averagesOf(events []*Event, o KeyOptions) *Averages {
	type key struct {
		name, shapes, stack string
		user                bool
	}
	list, rows := new(Averages), map[key]*Average{}
	for _, e := range events {
		stack := e.Stack[:min(len(e.Stack), max(o.GroupByStackN, 0))]
		k := key{name: e.Name, stack: strings.Join(stack, "\n"), user: e.Scope == ScopeUser}
		if o.GroupByInputShape {
			k.shapes = shapesText(e.InputShapes)
		}
		row := rows[k]
		if row == nil {
			row = &Average{Key: e.Name, Stack: stack, Async: e.Async, UserAnnotation: k.user, nested: e.Parent != nil}
			if o.GroupByInputShape {
				row.InputShapes, row.shaped = e.InputShapes, true
			}
			rows[k] = row
			list.Rows = append(list.Rows, row)
		}
		row.add(e)
	}
	return list
}

// SelfCPUTimeTotal returns how long all rows took without their children.
func (a *Averages) SelfCPUTimeTotal() (sum time.Duration) {
	for _, row := range a.Rows {
		sum += row.SelfCPUTimeTotal
	}
	return sum
}

// Total returns the sum of all rows, whose key is "Total".
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.profiler.profile.total_average.html
func (a *Averages) Total() *Average {
	total := &Average{Key: "Total"}
	for _, row := range a.Rows {
		total.Count += row.Count
		total.CPUTimeTotal += row.CPUTimeTotal
		total.SelfCPUTimeTotal += row.SelfCPUTimeTotal
		total.CPUMemory += row.CPUMemory
		total.SelfCPUMemory += row.SelfCPUMemory
		total.FLOPs += row.FLOPs
	}
	return total
}

// SortKey is what a table is sorted by, the largest first.
type SortKey string

// The keys, which have Python's names.
const (
	SortCPUTime       SortKey = "cpu_time" // on average
	SortCPUTimeTotal  SortKey = "cpu_time_total"
	SortSelfCPUTime   SortKey = "self_cpu_time_total"
	SortCPUMemory     SortKey = "cpu_memory_usage"
	SortSelfCPUMemory SortKey = "self_cpu_memory_usage"
	SortCount         SortKey = "count"
	SortFLOPs         SortKey = "flops"
)

// sorted returns the rows by a key, or as they are for "".
func (a *Averages) sorted(by SortKey) []*Average {
	var value func(*Average) float64
	switch by {
	case "":
		return a.Rows
	case SortCPUTime:
		value = func(r *Average) float64 { return float64(r.CPUTimeTotal) / float64(max(r.Count, 1)) }
	case SortCPUTimeTotal:
		value = func(r *Average) float64 { return float64(r.CPUTimeTotal) }
	case SortSelfCPUTime:
		value = func(r *Average) float64 { return float64(r.SelfCPUTimeTotal) }
	case SortCPUMemory:
		value = func(r *Average) float64 { return float64(r.CPUMemory) }
	case SortSelfCPUMemory:
		value = func(r *Average) float64 { return float64(r.SelfCPUMemory) }
	case SortCount:
		value = func(r *Average) float64 { return float64(r.Count) }
	case SortFLOPs:
		value = func(r *Average) float64 { return float64(r.FLOPs) }
	default:
		panic(torch.Errorf("profiler.Averages.Table", torch.ValueError, "%q is not a key to sort by", by))
	}
	rows := slices.Clone(a.Rows)
	slices.SortStableFunc(rows, func(x, y *Average) int { return cmp.Compare(value(y), value(x)) })
	return rows
}

// shapesText returns shapes as Python prints them.
func shapesText(shapes [][]int) string {
	list := make([]string, len(shapes))
	for i, shape := range shapes {
		list[i] = strings.ReplaceAll(fmt.Sprint(shape), " ", ", ")
	}
	return "[" + strings.Join(list, ", ") + "]"
}
