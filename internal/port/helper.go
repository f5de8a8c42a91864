package port

import (
	"maps"
	"slices"
	"strings"
)

// helpers are functions that a ported file gets where it calls them: what Python has in
// one call, and Go in several lines.
var helpers = map[string]string{
	"todo": `// todo stands for a value that was not translated.
func todo[T any](text string) T { panic("TODO(port): " + text) }`,

	"must": `// must returns a value, and panics on an error, as Python raises it.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}`,

	"gunzip": `// gunzip returns what gzip compressed.
func gunzip(data []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}`,

	"choose": `// choose ends the program where a flag has none of the values that it may have.
func choose[T comparable](name string, value T, allowed ...T) {
	if !slices.Contains(allowed, value) {
		fmt.Fprintf(flag.CommandLine.Output(), "argument --%s: invalid choice: %v (choose from %v)\n", name, value, allowed)
		flag.Usage()
		os.Exit(2)
	}
}`,

	"require": `// require ends the program where a flag is not given.
func require(name string) {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if !given {
		fmt.Fprintf(flag.CommandLine.Output(), "the argument --%s is required\n", name)
		flag.Usage()
		os.Exit(2)
	}
}`,

	"repr": `// repr returns the text that Python prints for a value, with texts between quotes.
func repr(value any) string {
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Invalid:
		return "None"
	case reflect.Bool:
		if v.Bool() {
			return "True"
		}
		return "False"
	case reflect.Float64:
		x := v.Float()
		switch {
		case math.IsInf(x, 0) || math.IsNaN(x):
			return strings.ToLower(strings.TrimPrefix(fmt.Sprint(x), "+"))
		case x != 0 && (math.Abs(x) < 1e-4 || math.Abs(x) >= 1e16):
			return strconv.FormatFloat(x, 'e', -1, 64)
		case x == math.Trunc(x):
			return strconv.FormatFloat(x, 'f', 1, 64)
		}
		return strconv.FormatFloat(x, 'f', -1, 64)
	case reflect.String:
		text := strconv.Quote(v.String())
		if !strings.Contains(v.String(), "'") || strings.Contains(v.String(), "\"") {
			text = strings.ReplaceAll(text[1:len(text)-1], "\\\"", "\"")
			text = "'" + strings.ReplaceAll(text, "'", "\\'") + "'"
		}
		return text
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = repr(v.Index(i).Interface())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Pointer:
		if v.IsNil() {
			return "None"
		}
		if v.Elem().Kind() != reflect.Struct {
			return repr(v.Elem().Interface())
		}
	}
	return fmt.Sprint(value)
}`,

	"str": `// str returns the text that Python prints for a value.
func str(value any) string {
	switch text := value.(type) {
	case string:
		return text
	case *string:
		if text != nil {
			return *text
		}
	}
	return repr(value)
}`,

	"tuple": `// tuple returns the text that Python prints for a tuple.
func tuple[T any](values []T) string {
	text := repr(values)
	if len(values) == 1 {
		text = "[" + text[1:len(text)-1] + ",]"
	}
	return "(" + text[1:len(text)-1] + ")"
}`,

	"scalar": `// scalar returns the text that Python's formats have for a tensor: its number, if it has
// no dimensions.
func scalar(x *torch.Tensor) string {
	switch {
	case x.Dim() > 0:
		return x.String()
	case x.DType() == torch.Bool:
		return repr(x.Bool())
	case x.IsFloatingPoint():
		return repr(x.Item())
	}
	return x.String()[len("tensor(") : len(x.String())-1]
}`,

	"commas": `// commas writes commas between the thousands of a number.
func commas(number string) string {
	whole, rest, _ := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] >= '0' && whole[i-1] <= '9'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	return whole
}`,

	"pad": `// pad fills a text to a width: before it for '>', behind it for '<', on both sides for '^'.
func pad(text string, width int, align rune, fill string) string {
	missing := max(0, width-utf8.RuneCountInString(text))
	before := map[rune]int{'>': missing, '^': missing / 2}[align]
	return strings.Repeat(fill, before) + text + strings.Repeat(fill, missing-before)
}`,

	"first": `// first returns the first batch of a loader.
func first[T any](batches iter.Seq2[T, error]) T {
	for batch, err := range batches {
		if err != nil {
			panic(err)
		}
		return batch
	}
	panic("StopIteration")
}`,

	"linspace": `// linspace returns so many numbers from start to stop, as NumPy does.
func linspace(start, stop float64, count int) []float64 {
	list := make([]float64, count)
	step := (stop - start) / float64(count-1)
	for i := range list {
		list[i] = float64(float64(i)*step) + start
	}
	if count > 1 {
		list[count-1] = stop
	} else if count == 1 {
		list[0] = start
	}
	return list
}`,

	"unpack": `// unpack returns count integers of type T, which data holds and nothing else.
func unpack[T int8 | uint8 | int16 | uint16 | int32 | uint32 | int64](order binary.ByteOrder, count int, data []byte) []int {
	values := make([]T, count)
	if size := binary.Size(values); len(data) != size {
		panic(fmt.Errorf("%d bytes, want %d", len(data), size))
	}
	if _, err := binary.Decode(data, order, values); err != nil {
		panic(err)
	}
	ints := make([]int, count)
	for i, value := range values {
		ints[i] = int(value)
	}
	return ints
}`,
}

// writeHelpers writes the helpers that the file calls, and those that they call.
func (w *writer) writeHelpers() {
	w.source, w.fn, w.at = nil, nil, nil
	written := map[string][]line{}
	all := w.lines
	for more := true; more; {
		more = false
		for name, text := range helpers {
			calls := func(l line) bool { return strings.Contains(l.text, name+"(") || strings.Contains(l.text, name+"[") }
			if written[name] == nil && slices.ContainsFunc(all, func(l line) bool { return calls(l) && mentions([]line{l}, name) }) {
				for _, l := range strings.Split("\n"+strings.ReplaceAll(text, "\t", ""), "\n") {
					written[name] = append(written[name], line{text: l})
				}
				all = append(slices.Clip(all), written[name]...)
				more = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(written)) {
		w.lines = append(w.lines, written[name]...)
	}
}
