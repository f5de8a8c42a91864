package cuda

import (
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// MemorySummaryOptions are the options of [MemorySummary].
type MemorySummaryOptions struct {
	Device      torch.Device // default: the current one
	Abbreviated bool         // without the lines of the two pools
}

// MemorySummary returns what [MemoryStats] counted as a table for people, in Python's layout;
// zeros before the first tensor. It panics without CUDA.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.memory_summary.html
func MemorySummary(options ...MemorySummaryOptions) string {
	o := option.First(options)
	device := mustBe("cuda.MemorySummary", []torch.Device{o.Device})
	return summary(MemoryStats(device), device.Index(), o.Abbreviated)
}

// scale is a unit of a column, and how many of the unit before make one of it.
type scale struct {
	units  []string
	step   int
	bound  float64 // the next unit from so many on
	format string
}

var (
	byteScale  = scale{[]string{"B  ", "KiB", "MiB", "GiB", "TiB", "PiB"}, 1024, 768 * 1024, "%6d %s"}
	countScale = scale{[]string{" ", "K", "M"}, 1000, 750 * 1000, "%7d %s "}
)

// text returns a number in the unit that suits another one, the column's first.
func (s scale) text(n, first int) string {
	unit, size := s.units[0], float64(first)
	for _, next := range s.units[1:] {
		if size < s.bound {
			break
		}
		unit = next
		n /= s.step
		size /= float64(s.step)
	}
	return fmt.Sprintf(s.format, n, unit)
}

// metric is a group of rows: its name in stats, its title and its unit.
type metric struct {
	key, title string
	scale      scale
}

var (
	pooled = []metric{
		{"allocated_bytes", "Allocated memory", byteScale},
		{"active_bytes", "Active memory", byteScale},
		{"requested_bytes", "Requested memory", byteScale},
		{"reserved_bytes", "GPU reserved memory", byteScale},
		{"inactive_split_bytes", "Non-releasable memory", byteScale},
		{"allocation", "Allocations", countScale},
		{"active", "Active allocs", countScale},
		{"segment", "GPU reserved segments", countScale},
		{"inactive_split", "Non-releasable allocs", countScale},
	}
	oversized = []metric{
		{"oversize_allocations", "Oversize allocations", countScale},
		{"oversize_segments", "Oversize GPU segments", countScale},
	}
)

// summary returns the table for a device.
func summary(stats map[string]int, device int, abbreviated bool) string {
	const width = 75
	var lines []string
	line := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	rule := func(mark string) { lines = append(lines, strings.Repeat(mark, width)) }
	// row writes the four columns of a metric. Those of the whole have the units of their own
	// numbers, and those of its pools the same.
	row := func(title, key string, s scale, first []int) []int {
		numbers := make([]int, 4)
		cells := make([]string, 4)
		for i, column := range []string{"current", "peak", "allocated", "freed"} {
			numbers[i] = stats[key+"."+column]
			of := numbers[i]
			if first != nil {
				of = first[i]
			}
			cells[i] = s.text(numbers[i], of)
		}
		line(" %-21s | %s ", title, strings.Join(cells, " | "))
		return numbers
	}

	rule("=")
	line(" %16s PyTorch CUDA memory summary, device ID %-17d ", "", device)
	rule("-")
	line("  %9s CUDA OOMs: %-12d | %6s cudaMalloc retries: %-8d  ", "", stats["num_ooms"], "", stats["num_alloc_retries"])
	rule("=")
	line("        Metric         | Cur Usage  | Peak Usage | Tot Alloc  | Tot Freed  ")
	for _, m := range pooled {
		rule("-")
		first := row(m.title, m.key+".all", m.scale, nil)
		if !abbreviated {
			row("      from large pool", m.key+".large_pool", m.scale, first)
			row("      from small pool", m.key+".small_pool", m.scale, first)
		}
	}
	for _, m := range oversized {
		rule("-")
		row(m.title, m.key, m.scale, nil)
	}
	rule("=")
	return "|" + strings.Join(lines, "|\n|") + "|\n"
}
