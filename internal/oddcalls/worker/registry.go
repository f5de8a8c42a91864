package main

import (
	"reflect"
	"strings"
)

// What the library exports; a file that package oddcalls writes fills these.
var (
	functions []function
	types     []named
	values    []reflect.Value // constants and variables
)

// function is one function of the library.
type function struct {
	name string
	f    reflect.Value
}

// named is a type, and the names of the methods that it has of itself.
type named struct {
	reflect.Type
	methods string
}

// target is what a call calls: a function, or a method of some type.
type target struct {
	name   string
	f      reflect.Value
	typ    reflect.Type
	method string
}

// targets lists what there is to call.
func targets() []target {
	var list []target
	for _, f := range functions {
		list = append(list, target{name: f.name, f: f.f})
	}
	for _, t := range types {
		for _, method := range strings.Fields(t.methods) {
			list = append(list, target{name: shorten(t.Type) + "." + method, typ: t.Type, method: method})
		}
	}
	return list
}

// shorten names a type by its path within the library.
func shorten(t reflect.Type) string {
	return strings.TrimPrefix(t.PkgPath(), "github.com/wangkuiyi/gotorch/") + "." + t.Name()
}
