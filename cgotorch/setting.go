package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// Setting is a setting of the process, with a number for its value.
type Setting int32

// The settings.
const (
	DefaultDType   Setting = C.CTORCH_SETTING_DTYPE           // libtorch's number of a dtype
	Deterministic  Setting = C.CTORCH_SETTING_DETERMINISTIC   // 0: no, 1: warn, 2: yes
	Precision      Setting = C.CTORCH_SETTING_PRECISION       // 0: highest, 1: high, 2: medium
	FlushDenormal  Setting = C.CTORCH_SETTING_FLUSH_DENORMAL  // 0 or 1; cannot be read
	InteropThreads Setting = C.CTORCH_SETTING_INTEROP_THREADS // how many
	WarnAlways     Setting = C.CTORCH_SETTING_WARN_ALWAYS     // 0 or 1
)

// Set changes the setting, for all threads.
func (s Setting) Set(value int64) *Error {
	mustLoad()
	return takeError(C.ctorch_setting_set(C.int32_t(s), C.int64_t(value)))
}

// Get returns the setting's value.
func (s Setting) Get() int64 { mustLoad(); return int64(C.ctorch_setting_get(C.int32_t(s))) }
