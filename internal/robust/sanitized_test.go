//go:build race || asan

package robust

const (
	sanitized = true
	many      = 2_000
)
