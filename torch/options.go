package torch

// First returns the options that were given, or zero ones.
func First[T any](options []T) (o T) {
	if len(options) > 0 {
		o = options[0]
	}
	return o
}

// Or returns what an option points to, or its default where it is nil.
func Or[T any](option *T, standard T) T {
	if option == nil {
		return standard
	}
	return *option
}
