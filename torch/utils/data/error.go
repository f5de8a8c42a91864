package data

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// Error is why a [DataLoader] could not make a batch.
type Error struct {
	// Indices are those of the sample that failed, or of all samples of the batch
	// where it is the batch that could not be made of them. For an
	// [IterableDataset] they count from its start.
	Indices []int
	Err     error
}

// Error returns the indices and the reason.
func (e *Error) Error() string {
	if len(e.Indices) == 1 {
		return fmt.Sprintf("data: sample %d: %v", e.Indices[0], e.Err)
	}
	list := strings.Trim(fmt.Sprint(e.Indices[:min(len(e.Indices), 8)]), "[]")
	if len(e.Indices) > 8 {
		list += fmt.Sprintf(" and %d more", len(e.Indices)-8)
	}
	return fmt.Sprintf("data: a batch of samples %s: %v", list, e.Err)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// PanicError is a panic of a dataset or a collate function, which a [DataLoader]
// gives as an error.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine that panicked
}

// Error returns the value that the panic had.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value if it is an error, such as a *torch.Error, or nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// wrap returns err as the error of samples; nil stays nil.
func wrap(indices []int, err error) error {
	if err == nil {
		return nil
	}
	return &Error{indices, err}
}

// guard calls f and returns what it does, or its panic as an error.
func guard[T any](f func() (T, error)) (result T, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, debug.Stack()}
		}
	}()
	return f()
}
