package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
)

// caller makes calls, and tells the parent of them.
type caller struct {
	values       map[reflect.Type][]reflect.Value // constants and variables
	constructors map[reflect.Type][]function      // functions by what they return
	interfaces   map[reflect.Type][]reflect.Type
	targets      []target
	excluded     []string
	tell         func(format string, args ...any)
	verbose      bool

	index   int // of the call
	nested  int
	cleanup []func()
}

func newCaller(excluded []string) *caller {
	c := &caller{
		values: map[reflect.Type][]reflect.Value{}, constructors: map[reflect.Type][]function{},
		interfaces: map[reflect.Type][]reflect.Type{}, excluded: excluded,
	}
	for _, v := range values {
		if v.IsValid() && strings.Contains(v.Type().PkgPath(), "gotorch/torch") {
			c.values[v.Type()] = append(c.values[v.Type()], v)
		}
	}
	for _, f := range functions {
		if c.excludes(f.name) {
			continue
		}
		for out := range f.f.Type().Outs() {
			c.constructors[out] = append(c.constructors[out], f)
		}
	}
	for _, t := range targets() {
		if !c.excludes(t.name) {
			c.targets = append(c.targets, t)
		}
	}
	return c
}

// excludes reports whether a function or method is not to be called: its name, without
// type arguments, is in the list, or begins with one that ends in a full stop.
func (c *caller) excludes(name string) bool {
	generic, _, _ := strings.Cut(name, "[")
	return slices.ContainsFunc(c.excluded, func(e string) bool {
		return e == name || e == generic || strings.HasSuffix(e, ".") && strings.HasPrefix(name, e)
	})
}

// isHeavy reports whether a function makes or uses a network of many millions of
// parameters, which takes seconds: it is called seldom.
func isHeavy(name string) bool { return strings.HasPrefix(name, "torch/vision/models.") }

// implementers lists the library's types that have the methods of t.
func (c *caller) implementers(t reflect.Type) []reflect.Type {
	list, ok := c.interfaces[t]
	if !ok {
		for _, n := range types {
			if p := reflect.PointerTo(n.Type); p.Implements(t) && !isHeavy(shorten(n.Type)) {
				list = append(list, p)
			}
		}
		c.interfaces[t] = list
	}
	return list
}

// constructed returns a value of type t that a function of the library returned.
func (m *maker) constructed(t reflect.Type) (reflect.Value, bool) {
	makers := m.caller.constructors[t]
	if len(makers) == 0 || m.caller.nested > 4 {
		return reflect.Value{}, false
	}
	sanity := m.sanity
	m.sanity = max(sanity, 0.9)
	defer func() { m.sanity = sanity }()
	for range 3 {
		f := pick(m, makers)
		results, ok := m.invoke(f.name, f.f, "")
		for _, r := range results {
			if ok && r.Type() == t && (r.Kind() != reflect.Interface || !r.IsNil()) {
				return r, true
			}
		}
	}
	return reflect.Value{}, false
}

// call makes the call with some index: all of it follows from that and the seed.
func (c *caller) call(seed uint64, index int) {
	c.index, c.nested = index, 0
	start := time.Now()
	torch.ManualSeed(int64(index))
	m := &maker{Rand: rand.New(rand.NewPCG(seed, uint64(index))), caller: c}
	m.sanity = pick(m, []float64{0, 0.3, 0.7, 0.9, 0.97})
	m.shape = m.randomShape()
	order := rand.New(rand.NewPCG(seed, uint64(index/len(c.targets)))).Perm(len(c.targets))
	t := c.targets[order[index%len(c.targets)]]
	for round := index / len(c.targets); isHeavy(t.name) && round%20 != 19; {
		t = pick(m, c.targets)
	}
	var results []reflect.Value
	var ok bool
	if t.f.IsValid() {
		results, ok = m.invoke(t.name, t.f, "")
	} else {
		results, ok = m.method(t)
	}
	for range 3 {
		if !ok || len(results) == 0 || m.chance(0.4) {
			break
		}
		results, ok = m.use(pick(m, results))
	}
	if spent := time.Since(start); spent > 300*time.Millisecond {
		c.tell("slow\t%d\t%s\t%v", index, t.name, spent)
	}
	for _, f := range c.cleanup {
		f()
	}
	c.cleanup = nil
	torch.SetDefaultDType(torch.Float32)
	torch.SetDefaultDevice(torch.CPU)
	torch.UseDeterministicAlgorithms(false)
}

// method calls a method of a made receiver, and now and then one that the type has
// from what it embeds.
func (m *maker) method(t target) ([]reflect.Value, bool) {
	receiver, note := m.receiver(t.typ)
	if note == "unmade" {
		return nil, false
	}
	if m.chance(0.15) {
		return m.use(receiver)
	}
	return m.invoke(t.name, receiver.MethodByName(t.method), note)
}

// receiver returns a pointer to a value of type t that a function of the library
// returned, or one of odd fields if all are exported. A nil pointer is made for types
// of which nil means something, a zero value rarely.
func (m *maker) receiver(t reflect.Type) (v reflect.Value, note string) {
	p := reflect.PointerTo(t)
	made := len(m.caller.constructors[p])+len(m.caller.constructors[t]) > 0
	if nilMeans[p] && m.chance(0.1) {
		return reflect.Zero(p), "nil receiver"
	}
	if v, ok := m.constructed(p); ok && !v.IsNil() {
		return v, ""
	}
	if v, ok := m.constructed(t); ok {
		p := reflect.New(t)
		p.Elem().Set(v)
		return p, ""
	}
	v = reflect.New(t)
	if made && t.Kind() == reflect.Struct {
		return v, "unmade"
	}
	if t.Kind() != reflect.Struct || byHand(t) {
		v.Elem().Set(m.make(t))
		return v, "receiver of odd fields"
	}
	return v, "zero receiver"
}

// nilMeans are the types whose nil pointers are values: Python's None. A nil pointer
// of another type has no methods in Go.
var nilMeans = map[reflect.Type]bool{
	reflect.TypeFor[*torch.Tensor](): true, reflect.TypeFor[*torch.Generator](): true, reflect.TypeFor[*torch.Node](): true,
}

// use calls v, or one of its methods.
func (m *maker) use(v reflect.Value) ([]reflect.Value, bool) {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	t := v.Type()
	switch {
	case v.Kind() == reflect.Func && !v.IsNil():
		defer func(sanity float64) { m.sanity = sanity }(m.sanity)
		m.sanity = 1 // a sequence is to be ranged over
		return m.invoke("a "+t.String(), v, "")
	case v.Kind() == reflect.Interface, t.NumMethod() == 0, v.Kind() == reflect.Pointer && v.IsNil() && !nilMeans[t]:
		return nil, false
	}
	inner := t
	if t.Kind() == reflect.Pointer {
		inner = t.Elem()
	}
	if !strings.Contains(inner.PkgPath(), "gotorch/torch") {
		return nil, false
	}
	i := m.IntN(t.NumMethod())
	name := shorten(inner) + "." + t.Method(i).Name
	if m.caller.excludes(name) {
		return nil, false
	}
	return m.invoke(name, v.Method(i), "")
}

// invoke calls f with made arguments. It reports false if that failed.
func (m *maker) invoke(name string, f reflect.Value, note string) (results []reflect.Value, ok bool) {
	c := m.caller
	c.nested++
	defer func() { c.nested-- }()
	var args []reflect.Value
	t := f.Type()
	for i := range t.NumIn() {
		if !t.IsVariadic() || i < t.NumIn()-1 {
			args = append(args, m.make(t.In(i)))
			continue
		}
		for range m.IntN(3) {
			args = append(args, m.make(t.In(i).Elem()))
		}
	}
	c.tell("at\t%d\t%s", c.index, name)
	if c.verbose {
		c.tell("args\t%s %s(%s)", note, name, describe(args))
	}
	defer func() {
		if v := recover(); v != nil {
			ok = false
			if !expected(v) || returnsError(t) {
				c.tell("defect\t%d\t%s\t%s\t%s\t%s", c.index, name, place(string(debug.Stack())), oneLine(fmt.Sprint(v)), note+"("+describe(args)+")")
			}
		}
	}()
	results = f.Call(args)
	c.tell("ok\t%s", name)
	return results, true
}

// returnsError reports whether a function of type t tells of what it cannot do by an
// error that it returns, so that it has no need to panic.
func returnsError(t reflect.Type) bool {
	return t.NumOut() > 0 && t.Out(t.NumOut()-1) == reflect.TypeFor[error]()
}

// expected reports whether v is what functions of the library may panic with.
func expected(v any) bool {
	err, ok := v.(error)
	var ours *torch.Error
	var below *cgotorch.Error
	return ok && (errors.As(err, &ours) || errors.As(err, &below))
}

// place returns where below a panic the library's code was.
func place(stack string) string {
	_, stack, _ = strings.Cut(stack, "panic(")
	for line := range strings.SplitSeq(stack, "\n") {
		file, isFile := strings.CutPrefix(line, "\t")
		if isFile && !strings.Contains(file, "/src/runtime/") && !strings.Contains(file, "/src/reflect/") && !strings.HasPrefix(file, "<autogenerated>") {
			if i := strings.Index(file, "/torch/"); i >= 0 {
				file = file[i+1:]
			}
			file, _, _ = strings.Cut(file, " +0x")
			return file
		}
	}
	return "?"
}

// describe shows arguments briefly.
func describe(args []reflect.Value) string {
	var list []string
	for _, v := range args {
		list = append(list, show(v, 0))
	}
	return oneLine(strings.Join(list, ", "))
}

func show(v reflect.Value, depth int) string {
	if !v.IsValid() {
		return "nil"
	}
	t := v.Type()
	if t == reflect.TypeFor[*torch.Tensor]() && !v.IsNil() && v.CanInterface() {
		return tensorText(v.Interface().(*torch.Tensor))
	}
	if depth > 3 {
		return "…"
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		if v.Kind() == reflect.Interface {
			return show(v.Elem(), depth+1)
		}
		return "&" + show(v.Elem(), depth+1)
	case reflect.Func, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return "nil"
		}
		if v.Kind() != reflect.Slice {
			return t.String()
		}
		var parts []string
		for i := range v.Len() {
			parts = append(parts, show(v.Index(i), depth+1))
		}
		return t.String() + "{" + strings.Join(parts, ", ") + "}"
	case reflect.Struct:
		var parts []string
		for i := range v.NumField() {
			if t.Field(i).IsExported() && !v.Field(i).IsZero() {
				parts = append(parts, t.Field(i).Name+": "+show(v.Field(i), depth+1))
			}
		}
		return t.String() + "{" + strings.Join(parts, ", ") + "}"
	case reflect.String:
		return fmt.Sprintf("%.40q", v.String())
	}
	return fmt.Sprintf("%v", v)
}

func tensorText(x *torch.Tensor) (text string) {
	err := torch.Try(func() { text = fmt.Sprintf("%v%v", x.DType(), x.Shape()) })
	if err != nil {
		return "closed tensor"
	}
	if x.IsMeta() {
		text += "@meta"
	}
	return text
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, s)
}
