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

	"child": `// child returns a module's child by its name, or nil.
func child(module nn.AnyModule, name string) nn.AnyModule {
	for _, c := range nn.Base(module).NamedChildren() {
		if c.Name == name {
			return c.Module
		}
	}
	return nil
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

// writeHelpers writes the helpers that the file calls.
func (w *writer) writeHelpers() {
	w.source, w.fn, w.at = nil, nil, nil
	body := w.lines
	for _, name := range slices.Sorted(maps.Keys(helpers)) {
		calls := func(l line) bool { return strings.Contains(l.text, name+"(") || strings.Contains(l.text, name+"[") }
		if slices.ContainsFunc(body, func(l line) bool { return calls(l) && mentions([]line{l}, name) }) {
			w.printf("")
			w.printf("%s", strings.ReplaceAll(helpers[name], "\t", ""))
		}
	}
}
