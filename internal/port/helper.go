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

	"floorDiv": `// floorDiv returns the quotient of two integers, rounded down as Python does.
func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}`,

	"floorMod": `// floorMod returns the remainder of two integers with the sign of b, as in Python.
func floorMod(a, b int) int {
	r := a % b
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}`,

	"floatMod": `// floatMod returns the remainder of two numbers with the sign of b, as in Python.
func floatMod(a, b float64) float64 {
	r := math.Mod(a, b)
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}`,

	"floatFloorDiv": `// floatFloorDiv returns the quotient of two numbers without its fraction, as Python does:
// 1 // 0.1 is 9.
func floatFloorDiv(a, b float64) float64 {
	r := math.Mod(a, b)
	q := (a - r) / b
	if r != 0 && (r < 0) != (b < 0) {
		q--
	}
	return math.Round(q)
}`,

	"intPow": `// intPow returns base to the power of exponent, which is not negative.
func intPow(base, exponent int) int {
	if exponent < 0 {
		panic("intPow: a negative exponent gives a fraction")
	}
	product := 1
	for range exponent {
		product *= base
	}
	return product
}`,

	"roundTo": `// roundTo returns the number that is next to x of those with so many decimals, as Python does.
func roundTo(x float64, decimals int) float64 {
	return must(strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64))
}`,

	"boolToInt": `// boolToInt returns 1 for true, and 0 for false.
func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}`,

	"indexIn": `// indexIn returns the place of an index in a list, where negative ones count from the end.
func indexIn(i, length int) int {
	if i < 0 {
		return i + length
	}
	return i
}`,

	"sliceOf": `// sliceOf returns list[from:to] as Python does: negative places count from the end, and what
// is outside is left out.
func sliceOf[T any](list []T, from, to int) []T {
	place := func(i int) int { return min(max(indexIn(i, len(list)), 0), len(list)) }
	return list[place(from):max(place(from), place(to))]
}`,

	"everyNth": `// everyNth returns each element of a list that is so many places behind the last one, from
// its end if step is negative.
func everyNth[T any](list []T, step int) []T {
	var taken []T
	for i := 0; i < len(list); i += max(step, -step) {
		if step > 0 {
			taken = append(taken, list[i])
		} else {
			taken = append(taken, list[len(list)-1-i])
		}
	}
	return taken
}`,

	"popAt": `// popAt takes the element at a place out of a list, and returns it.
func popAt[T any](list *[]T, i int) T {
	i = indexIn(i, len(*list))
	x := (*list)[i]
	*list = slices.Delete(*list, i, i+1)
	return x
}`,

	"popLast": `// popLast takes the last element out of a list, and returns it.
func popLast[T any](list *[]T) T {
	x := (*list)[len(*list)-1]
	*list = (*list)[:len(*list)-1]
	return x
}`,

	"indexOf": `// indexOf returns the place of an element that a list has.
func indexOf[T comparable](list []T, x T) int {
	i := slices.Index(list, x)
	if i < 0 {
		panic(fmt.Errorf("%v is not in the list", x))
	}
	return i
}`,

	"countOf": `// countOf returns how often a list has an element.
func countOf[T comparable](list []T, x T) int {
	n := 0
	for _, y := range list {
		if x == y {
			n++
		}
	}
	return n
}`,

	"dict": `// dict is a map that keeps the order in which its keys came, as Python's does.
type dict[K comparable, V any] struct {
	keys   []K
	values map[K]V
}

// Set sets the value of a key, and returns the dict.
func (d *dict[K, V]) Set(key K, value V) *dict[K, V] {
	if d.values == nil {
		d.values = map[K]V{}
	}
	if _, found := d.values[key]; !found {
		d.keys = append(d.keys, key)
	}
	d.values[key] = value
	return d
}

// Has reports whether the dict has a key.
func (d *dict[K, V]) Has(key K) bool {
	_, found := d.values[key]
	return found
}

// At returns the value of a key, which the dict has to have.
func (d *dict[K, V]) At(key K) V {
	value, found := d.values[key]
	if !found {
		panic(fmt.Errorf("the dict has no %v", key))
	}
	return value
}

// Delete takes a key out of the dict.
func (d *dict[K, V]) Delete(key K) {
	d.keys = slices.DeleteFunc(d.keys, func(k K) bool { return k == key })
	delete(d.values, key)
}

// Len returns how many keys there are.
func (d *dict[K, V]) Len() int { return len(d.keys) }

// Keys returns the keys, in their order.
func (d *dict[K, V]) Keys() []K { return slices.Clone(d.keys) }

// Values returns the values, in the order of their keys.
func (d *dict[K, V]) Values() []V {
	list := make([]V, len(d.keys))
	for i, key := range d.keys {
		list[i] = d.values[key]
	}
	return list
}

// All returns keys and values, in their order.
func (d *dict[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, key := range d.Keys() {
			if !yield(key, d.values[key]) {
				return
			}
		}
	}
}

// Update takes over the keys and values of others, and returns the dict.
func (d *dict[K, V]) Update(others ...*dict[K, V]) *dict[K, V] {
	for _, other := range others {
		for key, value := range other.All() {
			d.Set(key, value)
		}
	}
	return d
}`,

	"set": `// set has each element once.
type set[T comparable] map[T]bool`,

	"setOf": `// setOf returns the set of a list's elements.
func setOf[T comparable](list []T) set[T] {
	s := set[T]{}
	for _, x := range list {
		s[x] = true
	}
	return s
}`,

	"subsetOf": `// subsetOf returns the elements of a set that are kept.
func subsetOf[T comparable](s set[T], keep func(x T) bool) set[T] {
	kept := set[T]{}
	for x := range s {
		if keep(x) {
			kept[x] = true
		}
	}
	return kept
}`,

	"unionOf": `// unionOf returns what is in one of the sets.
func unionOf[T comparable](sets ...set[T]) set[T] {
	all := set[T]{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}`,

	"hasKey": `// hasKey reports whether a map has a key.
func hasKey[K comparable, V any](m map[K]V, key K) bool {
	_, found := m[key]
	return found
}`,

	"valueOr": `// valueOr returns the value of a key, or another value if the map does not have it.
func valueOr[K comparable, V any](m map[K]V, key K, other V) V {
	if value, found := m[key]; found {
		return value
	}
	return other
}`,

	"mergedMaps": `// mergedMaps returns a map with what all of them have; the last one counts.
func mergedMaps[K comparable, V any](all ...map[K]V) map[K]V {
	m := map[K]V{}
	for _, one := range all {
		maps.Copy(m, one)
	}
	return m
}`,

	"takeKey": `// takeKey takes a key out of a map, and returns its value.
func takeKey[K comparable, V any](m map[K]V, key K) V {
	value, found := m[key]
	if !found {
		panic(fmt.Errorf("the map has no %v", key))
	}
	delete(m, key)
	return value
}`,

	"meanOf": `// meanOf returns the mean of numbers, which it sums in NumPy's order.
func meanOf(list []float64) float64 {
	var sum func(x []float64) float64
	sum = func(x []float64) float64 {
		switch n := len(x); {
		case n < 8:
			total := 0.0
			for _, v := range x {
				total += v
			}
			return total
		case n <= 128:
			r := [8]float64(x)
			i := 8
			for ; i < n-n%8; i += 8 {
				for k := range r {
					r[k] += x[i+k]
				}
			}
			total := ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
			for _, v := range x[i:] {
				total += v
			}
			return total
		default:
			half := n/2 - n/2%8
			return sum(x[:half]) + sum(x[half:])
		}
	}
	return sum(list) / float64(len(list))
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

	"tupleText": `// tupleText returns the text that Python prints for a tuple.
func tupleText[T any](values []T) string {
	text := repr(values)
	if len(values) == 1 {
		text = "[" + text[1:len(text)-1] + ",]"
	}
	return "(" + text[1:len(text)-1] + ")"
}`,

	"scalarText": `// scalarText returns the text that Python's formats have for a tensor: its number, if it has
// no dimensions.
func scalarText(x *torch.Tensor) string {
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

	"between": `// between is a slice of a tensor, whose ends may be left out.
func between(from, to *int) torch.Slice {
	switch {
	case from == nil && to == nil:
		return torch.Colon
	case from == nil:
		return torch.To(*to)
	case to == nil:
		return torch.From(*from)
	}
	return torch.Between(*from, *to)
}`,

	"currentAccelerator": `// currentAccelerator returns the accelerator that there is.
func currentAccelerator() torch.Device {
	device, ok := accelerator.Current()
	if !ok {
		panic("there is no accelerator")
	}
	return device
}`,

	"listText": `// listText returns the text that Python prints for the numbers of a tensor as a list.
func listText(x *torch.Tensor) string {
	if x.Dim() == 0 {
		return scalarText(x)
	}
	var parts []string
	for _, part := range x.Unbind(0) {
		parts = append(parts, listText(part))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}`,

	"numbers": `// numbers returns the numbers of a tensor of one dimension as a list.
func numbers[T int | float64](x *torch.Tensor) []T {
	_, whole := any(T(0)).(int)
	if x.Dim() != 1 || x.DType() == torch.Bool || x.IsFloatingPoint() == whole {
		panic(fmt.Errorf("a tensor of type %v and shape %v is no list of %T in Go", x.DType(), x.Shape(), T(0)))
	}
	return torch.ToSlice[T](x)
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

	"padText": `// padText fills a text to a width: before it for '>', behind it for '<', on both sides for '^'.
func padText(text string, width int, align rune, fill string) string {
	missing := max(0, width-utf8.RuneCountInString(text))
	before := map[rune]int{'>': missing, '^': missing / 2}[align]
	return strings.Repeat(fill, before) + text + strings.Repeat(fill, missing-before)
}`,

	"firstBatch": `// firstBatch returns the first batch of a loader.
func firstBatch[T any](batches iter.Seq2[T, error]) T {
	for batch, err := range batches {
		if err != nil {
			panic(err)
		}
		return batch
	}
	panic("StopIteration")
}`,

	"counted": `// counted returns how often a list has each of its elements.
func counted[T comparable](list []T) *dict[T, int] {
	counts := new(dict[T, int])
	for _, x := range list {
		counts.Set(x, counts.values[x]+1)
	}
	return counts
}`,

	"lastOf": `// lastOf returns the last elements of a list, so many at most.
func lastOf[T any](list []T, count int) []T { return list[max(0, len(list)-count):] }`,

	"try": `// try runs a function, and returns what it panics with as an error.
func try(run func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = r
		default:
			err = fmt.Errorf("%v", r)
		}
	}()
	run()
	return nil
}`,

	"isError": `// isError reports whether an error stands for one of Python's exceptions.
func isError(err error, names ...string) bool {
	var number *strconv.NumError
	var ofTorch *torch.Error
	var ofGo runtime.Error
	return slices.ContainsFunc(names, func(name string) bool {
		switch {
		case errors.As(err, &number):
			return name == "ValueError"
		case errors.As(err, &ofTorch):
			return name == "RuntimeError" && ofTorch.Kind == torch.RuntimeError || name == "ValueError" && ofTorch.Kind == torch.ValueError
		case errors.As(err, &ofGo):
			return name == "IndexError"
		case errors.Is(err, fs.ErrNotExist):
			return name == "FileNotFoundError" || name == "OSError" || name == "IOError"
		}
		return err.Error() == name || strings.HasPrefix(err.Error(), name+": ")
	})
}`,

	"messageOf": `// messageOf returns what Python prints for an exception: its text without its name.
func messageOf(err error) string {
	name, text, found := strings.Cut(err.Error(), ": ")
	if found && !strings.Contains(name, " ") && strings.HasSuffix(name, "Error") {
		return text
	}
	return err.Error()
}`,

	"capitalize": `// capitalize writes the first letter of a text large, and the others small.
func capitalize(text string) string {
	for _, first := range text {
		size := len(string(first))
		return strings.ToUpper(text[:size]) + strings.ToLower(text[size:])
	}
	return text
}`,

	"dictText": `// dictText returns the text that Python prints for a dict.
func dictText[K comparable, V any](d *dict[K, V]) string {
	var parts []string
	for key, value := range d.All() {
		parts = append(parts, repr(key)+": "+repr(value))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}`,

	"cloneState": `// cloneState returns a state dict with copies of the tensors.
func cloneState(state nn.StateDict) nn.StateDict {
	copied := slices.Clone(state)
	for i := range copied {
		copied[i].Tensor = copied[i].Tensor.Detach().Clone()
	}
	return copied
}`,

	"exists": `// exists reports whether there is a file or folder.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
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

// writeHelpers writes the helpers that the file calls, and those that these call.
func (w *writer) writeHelpers() {
	w.source, w.fn, w.at = nil, nil, nil
	calls := func(lines []line, name string) bool {
		return slices.ContainsFunc(lines, func(l line) bool {
			return (strings.Contains(l.text, name+"(") || strings.Contains(l.text, name+"[")) && mentions([]line{l}, name)
		})
	}
	wanted := map[string]bool{}
	lines := w.lines
	for len(lines) > 0 {
		var more []line
		for name, text := range helpers {
			if !wanted[name] && calls(lines, name) {
				wanted[name] = true
				_, body, _ := strings.Cut(text, "{") // without its own name
				more = append(more, line{text: body})
			}
		}
		lines = more
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		w.printf("")
		w.printf("%s", strings.ReplaceAll(helpers[name], "\t", ""))
	}
}
