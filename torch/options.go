package torch

// First returns the options that were given, or zero ones. It panics with a TypeError
// if there are more than one: those after the first would be lost.
func First[T any](options []T) (o T) {
	switch len(options) {
	case 0:
	case 1:
		o = options[0]
	default:
		refuseMore(len(options), o)
	}
	return o
}

// AtMostOne is [First] for functions that return an error.
func AtMostOne[T any](options []T) (o T, err error) {
	err = Try(func() { o = First(options) })
	return o, err
}

// refuseMore panics for n options, such as o, where one is wanted. It is kept out of
// First, which is inlined everywhere.
//
//go:noinline
func refuseMore(n int, o any) {
	panic(Errorf("", TypeError, "%d %T were given, want one at most: put what they say into one", n, o))
}

// Or returns what an option points to, or its default where it is nil.
func Or[T any](option *T, standard T) T {
	if option == nil {
		return standard
	}
	return *option
}
