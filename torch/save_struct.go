package torch

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/naming"
	"github.com/wangkuiyi/gotorch/internal/pickle"
)

// field is a field of a struct that a dict has an entry for.
type field struct {
	name     string // in the dict
	index    int    // in the struct
	optional bool   // a file may lack it
}

// fieldsOf returns the fields of a struct. It fails where one would be lost: that is
// not exported, or whose name another one has too.
func fieldsOf(t reflect.Type) ([]field, error) {
	var fields []field
	taken := map[string]string{}
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("torch")
		if tag == "-" || f.Name == "_" {
			continue
		}
		if !f.IsExported() {
			return nil, fmt.Errorf("field %s of %v is not exported, so it would be lost: "+
				"export it, leave it out with the tag `torch:\"-\"`, or put another value in the place of the struct", f.Name, t)
		}
		name, option, _ := strings.Cut(tag, ",")
		if option != "" && option != "optional" {
			return nil, fmt.Errorf("field %s of %v has the tag `torch:%q`: after the comma there may be \"optional\"", f.Name, t, tag)
		}
		if name == "" {
			name = naming.SnakeCase(f.Name)
		}
		if other, ok := taken[name]; ok {
			return nil, fmt.Errorf("fields %s and %s of %v are both named %s: a tag `torch:\"name\"` changes that", other, f.Name, t, name)
		}
		taken[name] = f.Name
		fields = append(fields, field{name, i, option == "optional"})
	}
	return fields, nil
}

// stateOf returns the type of the state dict that values of type t give, or pointers
// to them do; nil for those that have none. Such a value is saved and loaded by its
// state dict.
func stateOf(t reflect.Type) reflect.Type {
	switch {
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Interface:
	case t.Kind() != reflect.Struct && t.PkgPath() == "":
		return nil // a type without methods
	default:
		t = reflect.PointerTo(t)
	}
	m, ok := t.MethodByName("StateDict")
	if !ok || m.Type.NumOut() == 0 {
		return nil
	}
	return m.Type.Out(0)
}

// stateless fails for a type whose values are saved by their state dict.
func stateless(t reflect.Type) error {
	if stateOf(t) != nil {
		return fmt.Errorf("a %v cannot be saved, but its state can: save its StateDict() in its place", t)
	}
	return nil
}

// loadable fails for a type whose values are loaded by their state dict.
func loadable(t reflect.Type) error {
	if state := stateOf(t); state != nil {
		return fmt.Errorf("a %v cannot be loaded, but its state can: load a %v, and give it to LoadStateDict", t, state)
	}
	return nil
}

// distinct tells the keys of a dict apart as Python does, for which 1, 1.0 and True
// are one key.
type distinct map[any]struct{}

var errSameKey = errors.New("another key of the dict is the same in Python")

// add fails for a key that is there.
func (d distinct) add(key any) error {
	switch k := key.(type) {
	case nil, int, string:
	case bool:
		key = 0
		if k {
			key = 1
		}
	case float64:
		if whole := int(k); float64(whole) == k {
			key = whole
		}
	case pickle.Tuple:
		key = mapKey(k)
	case pickle.Global:
	default:
		return nil // no key of a dict, as the pickle says, or a call, which is made anew
	}
	if _, ok := d[key]; ok {
		return errSameKey
	}
	d[key] = struct{}{}
	return nil
}
