// Package number reads Go's numbers, those of named types too, where any may be
// given.
package number

import "reflect"

// Plain returns a number as an int64, a uint64, a float64, a complex128 or a bool;
// nil if v is none.
func Plain(v any) any {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return r.Uint()
	case reflect.Float32, reflect.Float64:
		return r.Float()
	case reflect.Complex64, reflect.Complex128:
		return r.Complex()
	case reflect.Bool:
		return r.Bool()
	}
	return nil
}

// Float returns an integer or a floating-point number as a float64, and whether v is
// one.
func Float(v any) (float64, bool) {
	switch v := Plain(v).(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// Int returns an integer as an int, and whether v is one that fits.
func Int(v any) (int, bool) {
	switch v := Plain(v).(type) {
	case int64:
		return int(v), int64(int(v)) == v
	case uint64:
		return int(v), int(v) >= 0 && uint64(int(v)) == v
	}
	return 0, false
}
