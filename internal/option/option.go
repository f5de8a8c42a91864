// Package option reads optional arguments: the one struct of options that a function takes
// as its last, variadic parameter, and the fields of it that are pointers.
package option

import "fmt"

// NewError returns PyTorch's TypeError with a message. Package torch sets it.
var NewError func(message string) error

// First returns the options that were given, or zero ones. It panics with a TypeError
// if there are more than one: those after the first would be lost.
func First[T any](options []T) (o T) {
	switch len(options) {
	case 0:
	case 1:
		o = options[0]
	default:
		refuse(len(options), o)
	}
	return o
}

// refuse panics where First does. It is kept out of First, which is inlined everywhere.
//
//go:noinline
func refuse(n int, o any) { panic(tooMany(n, o)) }

// tooMany is the error of n options, such as o, where one is wanted.
func tooMany(n int, o any) error {
	return NewError(fmt.Sprintf("%d %T were given, want one at most: put what they say into one", n, o))
}

// AtMostOne is [First] for functions that return an error.
func AtMostOne[T any](options []T) (o T, err error) {
	if len(options) > 1 {
		return o, tooMany(len(options), o)
	}
	return First(options), nil
}

// Or returns what an option points to, or its default where it is nil.
func Or[T any](option *T, standard T) T {
	if option == nil {
		return standard
	}
	return *option
}
