//go:build !race && !asan

package robust

// With a sanitizer there may be only so many goroutines, and address space has no
// limit.
const (
	sanitized = false
	many      = 12_000
)
