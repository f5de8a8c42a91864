package graph

import (
	"slices"
	"sync"
)

// latest holds what several goroutines use, what was used last first, and at most a few.
type latest[T comparable] struct {
	mutex sync.Mutex
	list  []T // which is not changed, but replaced
}

// mostLatest is how many there may be.
const mostLatest = 8

// all returns what there is.
func (l *latest[T]) all() []T {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.list
}

// prefer puts v first, and returns what there is no place for any more.
func (l *latest[T]) prefer(v T) (dropped []T) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	list := append([]T{v}, l.list...)
	if at := slices.Index(l.list, v); at >= 0 {
		list = slices.Delete(list, at+1, at+2)
	}
	n := min(len(list), mostLatest)
	l.list = list[:n:n]
	return list[n:]
}

// clear drops all, and returns them.
func (l *latest[T]) clear() (dropped []T) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	dropped, l.list = l.list, nil
	return dropped
}
