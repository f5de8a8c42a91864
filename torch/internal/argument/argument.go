// Package argument checks what functions are called with.
package argument

import (
	"reflect"

	"github.com/wangkuiyi/gotorch/torch"
)

// NotNil panics with the TypeError of op if v, the argument called name, is nil or
// holds a nil pointer or function: Python's None where it takes none.
func NotNil(op, name string, v any) {
	if IsNil(v) {
		panic(torch.Errorf(op, torch.TypeError, "%s must not be nil", name))
	}
}

// IsNil reports whether v is nil or holds a nil pointer or function.
func IsNil(v any) bool {
	if v == nil {
		return true
	}
	switch held := reflect.ValueOf(v); held.Kind() {
	case reflect.Pointer, reflect.Func:
		return held.IsNil()
	}
	return false
}
