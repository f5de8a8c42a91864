package flopcounter

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// TableOptions are the options of [Counter.Table].
type TableOptions struct {
	Depth *int // how deep modules may be in each other to have a row; default: 2
}

// Table returns what was counted as the table that Python prints: modules, and the
// operators in each, with what part of the total they are.
func (c *Counter) Table(options ...TableOptions) string {
	depth := 2
	if o := option.First(options); o.Depth != nil {
		depth = *o.Depth
	}
	total := c.TotalFlops()
	var rows [][3]string
	subsumed := false
	add := func(name string, indent int) {
		t := c.modules[name]
		padding := strings.Repeat(" ", indent)
		subsumed = subsumed || t.total() >= total
		rows = append(rows, row(padding+name, t.total(), total))
		for _, op := range t.ops {
			rows = append(rows, row(padding+" - "+strings.Replace(op, "::", ".", 1), t.counts[op], total))
		}
	}
	for _, name := range c.names() {
		if deep := strings.Count(name, "."); deep < depth {
			add(name, deep)
		}
	}
	if c.modules[global] != nil && !subsumed {
		modules := rows
		rows = nil
		add(global, 0)
		for _, r := range modules {
			r[0] = " " + r[0]
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		rows = [][3]string{{global, "0", "0%"}}
	}
	return tabulate([3]string{"Module", "FLOP", "% Total"}, rows)
}

func row(name string, n, total int) [3]string {
	percent := "0%"
	if total != 0 {
		percent = fmt.Sprintf("%.2f%%", 100*float64(n)/float64(total))
	}
	suffixes := []string{"", "K", "M", "B", "T"}
	index := max(0, min(len(suffixes)-1, (len(strconv.Itoa(total))-2)/3))
	if index == 0 {
		return [3]string{name, strconv.Itoa(n), percent}
	}
	return [3]string{name, fmt.Sprintf("%.3f", float64(n)/math.Pow(1000, float64(index))) + suffixes[index], percent}
}

// tabulate writes a table, the first column to the left and the others to the right.
func tabulate(header [3]string, rows [][3]string) string {
	var width [3]int
	for i, title := range header {
		width[i] = len(title) + 2
		for _, r := range rows {
			width[i] = max(width[i], len(r[i]))
		}
	}
	var b strings.Builder
	line := func(r [3]string) {
		fmt.Fprintf(&b, "%-*s  %*s  %*s\n", width[0], r[0], width[1], r[1], width[2], r[2])
	}
	line(header)
	line([3]string{strings.Repeat("-", width[0]), strings.Repeat("-", width[1]), strings.Repeat("-", width[2])})
	for _, r := range rows {
		line(r)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
