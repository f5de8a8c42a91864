package profiler

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// TableOptions are the options of [Averages.Table]. A width below 0 has no limit.
type TableOptions struct {
	SortBy             SortKey // "" for the order of the rows
	RowLimit           *int    // how many rows; -1 for all; default: 100
	MaxNameWidth       *int    // default: 55
	MaxSourceWidth     *int    // of source locations; default: 75
	MaxShapesWidth     *int    // default: 80
	Header             string  // a line above the table
	TopLevelEventsOnly bool    // only rows whose first event is within no other
	TimeUnit           string  // "s", "ms" or "us" for all times; "" for what suits each
}

const (
	columnWidth = 12
	spacing     = 2
)

// table is text in columns, which end in two spaces each.
type table struct {
	text    strings.Builder
	headers []string
	widths  []int
	left    []bool // columns whose text is on the left
}

func (t *table) column(header string, width int) {
	t.headers, t.widths, t.left = append(t.headers, header), append(t.widths, width), append(t.left, false)
}

func (t *table) line(text string) { t.text.WriteString(text + "\n") }

// row writes the cells, as far as there are any.
func (t *table) row(cells []string) {
	for i, width := range t.widths {
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		pad := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(cell)))
		if t.left[i] {
			cell += pad
		} else {
			cell = pad + cell
		}
		t.text.WriteString(cell + strings.Repeat(" ", spacing))
	}
	t.line("")
}

func (t *table) separator() {
	rules := make([]string, len(t.widths))
	for i, width := range t.widths {
		rules[i] = strings.Repeat("-", width)
	}
	t.row(rules)
}

// length is that of a line.
func (t *table) length() int {
	n := -spacing
	for _, width := range t.widths {
		n += width + spacing
	}
	return n
}

// Table returns the averages as a text, with PyTorch's columns; "" if there are none. It
// panics with a ValueError for a key or a unit of time that there is not.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.profiler_util.EventList.html
func (a *Averages) Table(options ...TableOptions) string {
	o := option.First(options)
	if o.TimeUnit != "" && unitOf(o.TimeUnit) == 0 {
		panic(torch.Errorf("profiler.Averages.Table", torch.ValueError, "TimeUnit is %q, want s, ms or us", o.TimeUnit))
	}
	rows := a.sorted(o.SortBy)
	if len(rows) == 0 {
		return ""
	}
	t := a.columns(rows, &o)
	if o.Header != "" {
		t.line(strings.Repeat("=", t.length()))
		t.line(o.Header)
	}
	if o.TopLevelEventsOnly {
		t.line(strings.Repeat("=", t.length()))
		t.line("This report only display top-level ops statistics")
	}
	t.separator()
	t.row(t.headers)
	t.separator()
	total := a.SelfCPUTimeTotal()
	limit := option.Or(o.RowLimit, 100)
	for _, row := range rows {
		if limit == 0 {
			break
		}
		if o.TopLevelEventsOnly && row.nested {
			continue
		}
		limit--
		t.average(row, total, &o)
	}
	t.separator()
	t.line("Self CPU time total: " + timeText(total, o.TimeUnit))
	return t.text.String()
}

// averageTable is a table of averages.
type averageTable struct {
	table
	memory, shapes, flops, stack bool
	name, shapesWidth, source    int // widths; below 0 for no limit
	scale                        float64
}

// columns returns a table with the columns that rows need.
func (a *Averages) columns(rows []*Average, o *TableOptions) *averageTable {
	t := &averageTable{memory: a.memory}
	width, shapes, source, least := 0, 0, 0, 0
	for _, row := range rows {
		width = max(width, utf8.RuneCountInString(row.Key))
		shapes = max(shapes, len(shapesText(row.InputShapes)))
		t.shapes = t.shapes || len(row.InputShapes) > 0
		t.stack = t.stack || len(row.Stack) > 0
		for _, line := range row.Stack {
			source = max(source, utf8.RuneCountInString(line))
		}
		if row.FLOPs > 0 && (least == 0 || row.FLOPs < least) {
			least = row.FLOPs
		}
	}
	t.name = option.Or(o.MaxNameWidth, 55)
	t.column("Name", limited(width+4, t.name))
	for _, header := range []string{"Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg"} {
		t.column(header, columnWidth)
	}
	if t.memory {
		t.column("CPU Mem", columnWidth)
		t.column("Self CPU Mem", columnWidth)
	}
	t.column("# of Calls", columnWidth)
	if t.shapes {
		t.shapesWidth = limited(shapes+4, option.Or(o.MaxShapesWidth, 80))
		t.column("Input Shapes", t.shapesWidth)
	}
	if t.stack {
		t.source = limited(source+4, option.Or(o.MaxSourceWidth, 75))
		t.column("Source Location", t.source)
		t.left[len(t.left)-1] = true
	}
	if t.flops = a.flops && least > 0; t.flops {
		units := []string{"FLOPs", "KFLOPs", "MFLOPs", "GFLOPs", "TFLOPs", "PFLOPs"}
		power := int(min(math.Log10(float64(least))/3, float64(len(units)-1)))
		t.scale = math.Pow(10, -3*float64(power))
		t.column("Total "+units[power], columnWidth)
	}
	return t
}

// average writes a row.
func (t *averageTable) average(row *Average, total time.Duration, o *TableOptions) {
	share := "0"
	if !row.Async {
		share = shareText(row.CPUTimeTotal, total)
	}
	average := time.Duration(0)
	if row.Count > 0 {
		average = row.CPUTimeTotal
	}
	cells := []string{
		shortened(row.Key, t.name),
		shareText(row.SelfCPUTimeTotal, total), timeText(row.SelfCPUTimeTotal, o.TimeUnit),
		share, timeText(row.CPUTimeTotal, o.TimeUnit), microsecondsText(microseconds(average)/float64(max(row.Count, 1)), o.TimeUnit),
	}
	if t.memory {
		cells = append(cells, memoryText(row.CPUMemory), memoryText(row.SelfCPUMemory))
	}
	cells = append(cells, fmt.Sprint(row.Count))
	if t.shapes {
		text := ""
		if row.shaped {
			text = shapesText(row.InputShapes)
		}
		cells = append(cells, text[:min(len(text), t.shapesWidth)])
	}
	// PyTorch writes these two in another order than their headers are in.
	if t.flops {
		text := "--"
		if row.FLOPs > 0 {
			text = fmt.Sprintf("%8.3f", float64(row.FLOPs)*t.scale)
		}
		cells = append(cells, text)
	}
	if !t.stack {
		t.row(cells)
		return
	}
	at := len(cells)
	for i := range max(1, len(row.Stack)) {
		line := ""
		if i < len(row.Stack) {
			line = lastRunes(row.Stack[i], t.source)
		}
		if i > 0 {
			cells, at = make([]string, len(t.headers)), len(t.headers)-1
			cells[at] = line
		} else {
			cells = append(cells[:at:at], line)
		}
		t.row(cells)
	}
	t.row(nil)
}

// limited returns a width within a limit; below 0 there is none.
func limited(width, limit int) int {
	if limit < 0 {
		return width
	}
	return min(width, limit)
}

// shortened cuts a name that is too long for a width; below 0 none is.
func shortened(name string, width int) string {
	if runes := []rune(name); width >= 0 && len(runes) >= width-3 {
		return string(runes[:max(0, width-3)]) + "..."
	}
	return name
}

// lastRunes cuts the beginning of a line that is too long.
func lastRunes(line string, width int) string {
	runes := []rune(line)
	if len(runes) <= width {
		return line
	}
	runes = runes[len(runes)-width:]
	if len(runes) > 3 {
		return "..." + string(runes[3:])
	}
	return string(runes)
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func timeText(d time.Duration, unit string) string { return microsecondsText(microseconds(d), unit) }

// unitOf returns how many microseconds a unit has, or 0 for none.
func unitOf(unit string) float64 {
	return map[string]float64{"s": 1e6, "ms": 1e3, "us": 1}[unit]
}

// microsecondsText returns a time in a unit, or in one that suits it.
func microsecondsText(us float64, unit string) string {
	if unit == "" {
		switch {
		case us >= 1e6:
			unit = "s"
		case us >= 1e3:
			unit = "ms"
		default:
			unit = "us"
		}
	}
	return fmt.Sprintf("%.3f%s", us/unitOf(unit), unit)
}

func shareText(part, total time.Duration) string {
	if total == 0 {
		return "NaN"
	}
	return fmt.Sprintf("%.2f%%", microseconds(part)*100/microseconds(total))
}

func memoryText(bytes int) string {
	for _, unit := range []struct {
		name string
		size int
	}{{"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}} {
		if bytes >= unit.size || -bytes >= unit.size {
			return fmt.Sprintf("%.2f %s", float64(bytes)/float64(unit.size), unit.name)
		}
	}
	return fmt.Sprintf("%d B", bytes)
}
