package torch

import (
	"fmt"
	"math/big"
	"reflect"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/pickle"
)

// decoder puts values of a pickle, or those that Load returned, into Go variables.
type decoder struct {
	budget *pickle.Budget // nil for those that Load returned
	loader *loader        // nil for those that Load returned
	open   map[any]any    // what lists and dicts of a pickle become that are being filled
}

// What Go has for values.
const (
	word         = 8
	headerSize   = 3 * word // of a slice
	itemSize     = 4 * word // of an OrderedDict
	elementSize  = 2 * word // of a list
	mapEntry     = 4 * word // a key and a value
	counterEntry = 3 * word // a key and a number
)

// mapSize returns how many bytes a map takes, made for n entries of so many bytes
// each. It has at least 8 places, and for many entries a power of two of them, of
// which seven in eight are used at most.
func mapSize(n, entry int) int {
	const header, least = 64, 8
	if n == 0 {
		return header
	}
	places := least
	for places*7 < n*8 {
		places *= 2
	}
	return header + places*(entry+2)
}

// hashing returns what a key counts where its hash is computed: a long key may be in
// many dicts, and a long time passes with it rather than memory.
func hashing(key any) int {
	switch k := key.(type) {
	case string:
		return len(k)
	case pickle.Tuple:
		n := boxSize + len(k)*elementSize
		for _, item := range k {
			n += hashing(item)
		}
		return n
	}
	return 0
}

var (
	anyType     = reflect.TypeFor[any]()
	orderedType = reflect.TypeFor[OrderedDict]()

	attributedType = reflect.TypeFor[Attributed]()
)

// into sets the variable that target points to.
func (d *decoder) into(target, value any) error {
	return d.decode(reflect.ValueOf(target).Elem(), value, 0)
}

// take counts a value of so many bytes.
func (d *decoder) take(bytes, depth int) error {
	if depth > pickle.MaxDepth {
		return fmt.Errorf("values are nested more than %d deep", pickle.MaxDepth)
	}
	return d.budget.Take(bytes)
}

// plain returns a value as Load gives it, or, if ordered, with all dicts ordered.
func (d *decoder) plain(value any, ordered bool, depth int) (any, error) {
	if v, ok := d.unfinished(value); ok {
		return v, d.take(1, depth)
	}
	if list, ok := listOf(value); ok {
		return d.list(list, ordered, depth)
	}
	switch v := value.(type) {
	case storageRef:
		if err := d.take(tensorSize, depth); err != nil {
			return nil, err
		}
		return v.value(d.loader)
	case *pickleSet:
		return d.set(v, ordered, depth)
	}
	if _, isCounter := value.(Counter); isCounter {
		return value, d.take(1, depth)
	}
	dict, ok := dictOf(value)
	if !ok {
		return value, d.take(1, depth)
	}
	switch {
	case ordered || dict.ordered:
		return d.ordered(dict, ordered, depth)
	case dict.hasTexts():
		return plainMap(d, dict, depth, func(key any) string { return key.(string) })
	}
	return plainMap(d, dict, depth, mapKey)
}

// unfinished returns what a list or a dict becomes that is in itself.
func (d *decoder) unfinished(value any) (any, bool) {
	switch value.(type) {
	case *pickle.List, *pickle.Dict:
		v, ok := d.open[value]
		return v, ok
	}
	return nil, false
}

// begin says what a list or a dict of a pickle becomes, until end.
func (d *decoder) begin(pickled, value any) (end func()) {
	if d.open == nil {
		d.open = map[any]any{}
	}
	d.open[pickled] = value
	return func() { delete(d.open, pickled) }
}

// list returns a list or a tuple.
func (d *decoder) list(list list, ordered bool, depth int) (any, error) {
	if err := d.take(headerSize+list.n*elementSize, depth); err != nil {
		return nil, err
	}
	values := make([]any, list.n)
	if list.pickled != nil {
		defer d.begin(list.pickled, values)()
	}
	i := 0
	for v := range list.all {
		v, err := d.plain(v, ordered, depth+1)
		if err != nil {
			return nil, err
		}
		values[i] = v
		i++
	}
	if list.isTuple {
		return Tuple(values), nil
	}
	return values, nil
}

// set returns a set.
func (d *decoder) set(s *pickleSet, ordered bool, depth int) (any, error) {
	items, _ := itemsOf(s)
	values, err := d.list(items, ordered, depth)
	if err != nil {
		return nil, err
	}
	return Set(values.([]any)), nil
}

// plainMap returns a dict as a map.
func plainMap[K comparable](d *decoder, dict dict, depth int, toKey func(any) K) (any, error) {
	if err := d.take(mapSize(dict.n, mapEntry), depth); err != nil {
		return nil, err
	}
	m := make(map[K]any, dict.n)
	if dict.pickled != nil {
		defer d.begin(dict.pickled, m)()
	}
	for key, value := range dict.all {
		v, err := d.plain(value, false, depth+1)
		if err != nil {
			return nil, err
		}
		if err := d.budget.Take(hashing(key)); err != nil {
			return nil, err
		}
		m[toKey(key)] = v
	}
	return m, nil
}

// ordered returns a dict as an OrderedDict; if all, with those in it, too.
func (d *decoder) ordered(dict dict, all bool, depth int) (OrderedDict, error) {
	if err := d.take(headerSize+dict.n*itemSize+mapSize(dict.n, counterEntry), depth); err != nil {
		return nil, err
	}
	places, err := d.places(dict)
	if err != nil {
		return nil, err
	}
	items := make(OrderedDict, dict.n)
	if places != nil {
		items = items[:len(places)]
	}
	if dict.pickled != nil {
		defer d.begin(dict.pickled, items)()
	}
	i := 0
	for key, value := range dict.all {
		v, err := d.plain(value, all, depth+1)
		if err != nil {
			return nil, err
		}
		at := i
		if places != nil {
			at = places[mapKey(key)]
		}
		items[at] = Item{keyOf(key), v}
		i++
	}
	return items, nil
}

// places returns where each key of a dict of a pickle is among them; nil for other dicts,
// whose keys differ.
func (d *decoder) places(dict dict) (map[any]int, error) {
	if dict.pickled == nil {
		return nil, nil
	}
	places := make(map[any]int, dict.n)
	for key := range dict.all {
		if err := d.budget.Take(hashing(key)); err != nil {
			return nil, err
		}
		k := mapKey(key)
		if _, ok := places[k]; !ok {
			places[k] = len(places)
		}
	}
	return places, nil
}

// decode sets a variable.
func (d *decoder) decode(target reflect.Value, value any, depth int) error {
	if target.Type() == anyType {
		v, err := d.plain(value, false, depth)
		if err == nil && v != nil {
			target.Set(reflect.ValueOf(v))
		}
		return err
	}
	if err := d.take(1, depth); err != nil {
		return err
	}
	if target.Type() == attributedType {
		return d.attributed(target.Addr().Interface().(*Attributed), value, depth)
	}
	if l, ok := target.Addr().Interface().(Loadable); ok {
		v, err := d.plain(value, true, depth)
		if err != nil {
			return err
		}
		return l.LoadValue(v)
	}
	if err := loadable(target.Type()); err != nil {
		return err
	}
	switch v := reflect.ValueOf(value); {
	case value == nil && holdsNone(target):
		target.SetZero()
		return nil
	case value == nil:
	case v.Type() == target.Type():
		target.Set(v)
		return nil
	}
	switch target.Kind() {
	case reflect.Pointer:
		if err := d.take(int(target.Type().Elem().Size()), depth); err != nil {
			return err
		}
		target.Set(reflect.New(target.Type().Elem()))
		return d.decode(target.Elem(), value, depth+1)
	case reflect.Slice:
		if data, ok := value.(ByteArray); ok && target.Type().Elem().Kind() == reflect.Uint8 {
			target.SetBytes(data)
			return nil
		}
		if list, ok := itemsOf(value); ok {
			return d.slice(target, list, depth)
		}
		if dict, ok := dictOf(value); ok && target.Type() == orderedType {
			items, err := d.ordered(dict, false, depth)
			target.Set(reflect.ValueOf(items))
			return err
		}
	case reflect.Array:
		if list, ok := itemsOf(value); ok {
			return d.array(target, list, depth)
		}
	case reflect.Map:
		if dict, ok := dictOf(value); ok {
			return d.mapping(target, dict, depth)
		}
	case reflect.Struct:
		if dict, ok := dictOf(value); ok {
			return d.fields(target, dict, depth)
		}
	default:
		if setBasic(target, value) {
			return nil
		}
	}
	return fmt.Errorf("%s cannot be a %v", describe(value), target.Type())
}

func (d *decoder) slice(target reflect.Value, list list, depth int) error {
	if err := d.take(headerSize+list.n*int(target.Type().Elem().Size()), depth); err != nil {
		return err
	}
	target.Set(reflect.MakeSlice(target.Type(), list.n, list.n))
	return d.items(target, list, depth)
}

// array sets an array of as many elements as a list or a tuple has.
func (d *decoder) array(target reflect.Value, list list, depth int) error {
	if list.n != target.Len() {
		return fmt.Errorf("%d items cannot be a %v", list.n, target.Type())
	}
	return d.items(target, list, depth)
}

// items sets the elements of a slice or an array.
func (d *decoder) items(target reflect.Value, list list, depth int) error {
	i := 0
	for v := range list.all {
		if err := d.decode(target.Index(i), v, depth+1); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
		i++
	}
	return nil
}

func (d *decoder) mapping(target reflect.Value, dict dict, depth int) error {
	t := target.Type()
	entry := int(t.Key().Size() + t.Elem().Size())
	if err := d.take(mapSize(dict.n, entry)+dict.n*entry, depth); err != nil {
		return err
	}
	target.Set(reflect.MakeMapWithSize(t, dict.n))
	for k, v := range dict.all {
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		if err := d.decode(key, k, depth+1); err != nil {
			return fmt.Errorf("key %s: %w", brief.Value(k), err)
		}
		if err := d.decode(value, v, depth+1); err != nil {
			return fmt.Errorf("%s: %w", brief.Value(k), err)
		}
		if err := d.budget.Take(hashing(k)); err != nil {
			return err
		}
		target.SetMapIndex(key, value)
	}
	return nil
}

func (d *decoder) fields(target reflect.Value, dict dict, depth int) error {
	target.SetZero()
	fields, err := fieldsOf(target.Type())
	if err != nil {
		return err
	}
	wanted := make(map[string]field, len(fields))
	for _, f := range fields {
		wanted[f.name] = f
	}
	found := make(map[string]bool, len(fields))
	for key, value := range dict.all {
		name, _ := key.(string)
		f, ok := wanted[name]
		if !ok {
			continue
		}
		found[name] = true
		if err := d.decode(target.Field(f.index), value, depth+1); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, f := range fields {
		if !found[f.name] && !f.optional {
			return fmt.Errorf("the dict lacks %s, which field %s of %v wants; the tag `torch:\"%s,optional\"` lets it lack that",
				f.name, target.Type().Field(f.index).Name, target.Type(), f.name)
		}
	}
	return nil
}

// attributed sets an OrderedDict and its attributes.
func (d *decoder) attributed(target *Attributed, value any, depth int) error {
	dict, ok := dictOf(value)
	if !ok || !dict.ordered {
		return fmt.Errorf("%s cannot be a %v: it is no OrderedDict", describe(value), attributedType)
	}
	items, err := d.ordered(dict, false, depth+1)
	if err != nil {
		return err
	}
	*target = Attributed{Dict: items}
	if dict.pickled == nil || dict.pickled.Attributes == nil {
		return nil
	}
	return d.decode(reflect.ValueOf(&target.Attributes).Elem(), dict.pickled.Attributes, depth+1)
}

// holdsNone reports whether a variable's zero value stands for None.
func holdsNone(target reflect.Value) bool {
	switch target.Interface().(type) {
	case DType, Device:
		return true
	}
	switch target.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		return true
	}
	return false
}

// setBasic sets a number, a string or a bool, if the target can hold it.
func setBasic(target reflect.Value, value any) bool {
	switch v := value.(type) {
	case bool:
		if target.Kind() == reflect.Bool {
			target.SetBool(v)
			return true
		}
	case string:
		if target.Kind() == reflect.String {
			target.SetString(v)
			return true
		}
	case complex128:
		if target.CanComplex() {
			target.SetComplex(v)
			return true
		}
	case float64:
		if target.CanFloat() && !target.OverflowFloat(v) {
			target.SetFloat(v)
			return true
		}
	case *big.Int:
		if target.CanUint() && v.IsUint64() && !target.OverflowUint(v.Uint64()) {
			target.SetUint(v.Uint64())
			return true
		}
	case int:
		switch {
		case target.CanFloat():
			target.SetFloat(float64(v))
			return true
		case target.CanInt() && !target.OverflowInt(int64(v)):
			target.SetInt(int64(v))
			return true
		case target.CanUint() && v >= 0 && !target.OverflowUint(uint64(v)):
			target.SetUint(uint64(v))
			return true
		}
	}
	return false
}

// describe says what a value is, for an error.
func describe(value any) string {
	if list, ok := listOf(value); ok {
		if list.isTuple {
			return "a tuple"
		}
		return "a list"
	}
	if _, ok := dictOf(value); ok {
		return "a dict"
	}
	switch value.(type) {
	case nil:
		return "None"
	case *Tensor:
		return "a tensor"
	case bool, int, float64, string:
		return fmt.Sprintf("the %T %s", value, brief.Value(value))
	}
	return fmt.Sprintf("a %T", value)
}
