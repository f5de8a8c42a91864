package torch

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Warning is what libtorch warns of: a call that works, but not as one may think.
type Warning struct {
	Category WarningCategory
	Message  string // libtorch's own words
	File     string // where the program made the call, or ""
	Line     int
	Source   string // the place in libtorch's sources, "file:line", or ""
}

// WarningCategory is Python's class of a warning.
type WarningCategory string

// The categories.
const (
	UserWarning        WarningCategory = "UserWarning"
	DeprecationWarning WarningCategory = "DeprecationWarning"
)

// String returns the warning as Python prints one.
func (w Warning) String() string {
	text := string(w.Category) + ": " + w.Message
	if w.File != "" {
		text = fmt.Sprintf("%s:%d: %s", w.File, w.Line, text)
	}
	if w.Source != "" {
		text += " (Triggered internally at " + w.Source + ".)"
	}
	return text
}

// SetWarningHandler makes f be called with libtorch's warnings and returns what was
// called before; nil stands for the handler that there is at first, which writes them
// to standard error. As in Python each warning comes once for each line of the
// program that it comes from, and once more after SetWarningHandler.
//
// A handler is called in the goroutine whose call libtorch warned in, when libtorch has
// returned; it may call operators. Goroutines may call it at the same time, and then,
// or where a thread of libtorch's own warns, the line may be another goroutine's. If
// it panics, the operation panics with that value, so that a test can forbid warnings.
//
//	torch.SetWarningHandler(func(w torch.Warning) {
//		slog.Warn(w.Message, "category", w.Category, "file", w.File, "line", w.Line)
//	})
//
// https://docs.python.org/3/library/warnings.html
func SetWarningHandler(f func(Warning)) (before func(Warning)) {
	if f == nil {
		f = printWarning
	}
	warned.Lock()
	clear(warned.seen)
	warned.Unlock()
	return *warningHandler.Swap(&f)
}

// SetWarnAlways says whether the warnings that libtorch gives once in the life of the
// process come each time, which is once for each line, as the others do.
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_warn_always.html
func SetWarnAlways(on bool) {
	value := int64(0)
	if on {
		value = 1
	}
	check("torch.SetWarnAlways", cgotorch.WarnAlways.Set(value))
}

// IsWarnAlwaysEnabled reports what [SetWarnAlways] sets.
//
// https://docs.pytorch.org/docs/stable/generated/torch.is_warn_always_enabled.html
func IsWarnAlwaysEnabled() bool { return cgotorch.WarnAlways.Get() != 0 }

var warningHandler = func() *atomic.Pointer[func(Warning)] {
	f := printWarning
	p := new(atomic.Pointer[func(Warning)])
	p.Store(&f)
	return p
}()

func printWarning(w Warning) { fmt.Fprintln(os.Stderr, w) }

// warned holds the warnings that were given.
var warned = struct {
	sync.Mutex
	seen map[Warning]struct{}
}{seen: map[Warning]struct{}{}}

// warn gives libtorch's warnings to the handler. It is called where nothing is lost if
// that panics or ends the goroutine.
func warn() {
	list := cgotorch.TakeWarnings()
	if len(list) == 0 {
		return // another goroutine took them
	}
	file, line := caller()
	for _, raw := range list {
		w := Warning{UserWarning, raw.Text, file, line, raw.Source}
		if raw.Deprecation {
			w.Category = DeprecationWarning
		}
		if isNewWarning(w) {
			(*warningHandler.Load())(w)
		}
	}
}

func isNewWarning(w Warning) bool {
	warned.Lock()
	defer warned.Unlock()
	_, seen := warned.seen[w]
	warned.seen[w] = struct{}{}
	return !seen
}

// caller returns the line of the program that the goroutine is in: the last one that is
// not this module's own.
func caller() (file string, line int) {
	var counters [64]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(3, counters[:])])
	for more := true; more; {
		var frame runtime.Frame
		if frame, more = frames.Next(); !isOwn(frame) {
			return frame.File, frame.Line
		}
	}
	return "", 0
}

// Caller returns the line of the program that called this module's packages.
func (exports) Caller() (file string, line int) { return caller() }

// isOwn reports whether a function is of this module's packages for users or of those
// below them, or between C and Go.
func isOwn(frame runtime.Frame) bool {
	if strings.HasPrefix(frame.Function, "runtime.") || strings.HasPrefix(frame.Function, "_cgoexp_") {
		return true
	}
	name, ok := strings.CutPrefix(frame.Function, "github.com/wangkuiyi/gotorch/")
	room, _, _ := strings.Cut(name, "/")
	room, _, _ = strings.Cut(room, ".")
	return ok && (room == "torch" || room == "internal" || room == "cgotorch") && !strings.HasSuffix(frame.File, "_test.go")
}

// warnBefore is warn before the results of a call are taken, which are dropped if it
// does not return.
func (r *Results) warnBefore() {
	returned := false
	defer func() {
		if !returned {
			r.raw.Drop()
		}
	}()
	warn()
	returned = true
}
