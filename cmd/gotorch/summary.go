package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// runSummary prints what a file of torch.save holds.
func runSummary(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("summary", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stdout, "Usage: gotorch summary FILE\n\nLists the tensors in a file that torch.save or torch.Save wrote, and the other values.")
		return 0
	}
	if err == nil && flags.NArg() != 1 {
		err = errors.New("want one FILE, such as model.pt")
	}
	if err != nil {
		fmt.Fprintf(stderr, "gotorch summary: %v (--help says more)\n", err)
		return 2
	}
	value, err := torch.Load(flags.Arg(0), torch.LoadOptions{MapLocation: torch.CPU})
	if err == nil {
		err = summarize(stdout, value)
	}
	if err != nil {
		fmt.Fprintf(stderr, "gotorch summary: %v\n", err)
		return 1
	}
	return 0
}

// summarize prints a line for each tensor and each other value, and one with sums.
func summarize(w io.Writer, value any) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	lines, tensors, elements, bytes := 0, 0, 0, 0
	each("", value, func(name string, value any) {
		const aligned = 10_000 // lines: the table is in memory until it is flushed
		if lines++; lines%aligned == 0 {
			_ = table.Flush() // the last one says that it failed, too
		}
		x, ok := value.(*torch.Tensor)
		if !ok {
			fmt.Fprintf(table, "%s\t\t\t%s\n", name, short(value))
			return
		}
		size := x.Numel() * x.ElementSize()
		fmt.Fprintf(table, "%s\t%v\t%v\t%s\n", name, strings.TrimPrefix(x.DType().String(), "torch."), x.Shape(), sizeOf(size))
		tensors, elements, bytes = tensors+1, elements+x.Numel(), bytes+size
	})
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d tensors, %d elements, %s\n", tensors, elements, sizeOf(bytes))
	return err
}

// longestName is how many characters of a name are printed.
const longestName = 400

// each calls visit for the values in dicts and lists, with dotted names. A list
// without tensors is one value.
func each(name string, value any, visit func(name string, value any)) {
	in := func(key any, value any) {
		path := brief.Value(key)
		if name != "" {
			path = name + "." + path
		}
		each(brief.Cut(path, longestName), value, visit)
	}
	switch v := value.(type) {
	case torch.OrderedDict:
		for _, item := range v {
			in(item.Key, item.Value)
		}
	case map[string]any:
		eachSorted(v, in)
	case map[any]any:
		eachSorted(v, in)
	case torch.Tuple:
		eachOf(name, v, in, visit)
	case []any:
		eachOf(name, v, in, visit)
	default:
		visit(name, value)
	}
}

// eachSorted calls in for the entries of a map, by key; whole numbers go by size.
func eachSorted[K comparable](m map[K]any, in func(key, value any)) {
	keys := make([]K, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b K) int {
		m, isInt := any(a).(int)
		if n, ok := any(b).(int); ok && isInt {
			return cmp.Compare(m, n)
		}
		if m, ok := any(a).(string); ok {
			if n, ok := any(b).(string); ok {
				return strings.Compare(m, n)
			}
		}
		return strings.Compare(brief.Value(a), brief.Value(b))
	})
	for _, key := range keys {
		in(key, m[key])
	}
}

// eachOf calls in for the items of a list, or visit for a list of plain values.
func eachOf(name string, list []any, in func(key, value any), visit func(string, any)) {
	plain := !slices.ContainsFunc(list, func(item any) bool {
		switch item.(type) {
		case *torch.Tensor, torch.OrderedDict, map[string]any, map[any]any, torch.Tuple, []any:
			return true
		}
		return false
	})
	if plain {
		visit(name, list)
		return
	}
	for i, item := range list {
		in(i, item)
	}
}

// short is a value in at most 60 characters.
func short(value any) string {
	const most = 60
	switch v := value.(type) {
	case nil:
		return "None"
	case torch.Tuple:
		return short([]any(v))
	case []any:
		var items []string
		for _, item := range v[:min(len(v), most)] {
			items = append(items, short(item))
		}
		return brief.Cut("["+strings.Join(items, " ")+"]", most)
	case []byte:
		return brief.Cut(fmt.Sprintf("%d", v[:min(len(v), most)]), most)
	case torch.Counter:
		return fmt.Sprintf("a Counter of %d", len(v))
	case string:
		return brief.Cut(v, most)
	}
	return brief.Cut(fmt.Sprint(value), most) // numbers, dtypes and devices
}

// sizeOf is a number of bytes in the unit that fits.
func sizeOf(bytes int) string {
	size, units := float64(bytes), []string{"KiB", "MiB", "GiB", "TiB"}
	if bytes < 1024 {
		return fmt.Sprintf("%d B", bytes)
	}
	for size /= 1024; size >= 1024 && len(units) > 1; size /= 1024 {
		units = units[1:]
	}
	return fmt.Sprintf("%.1f %s", size, units[0])
}
