//go:build !race && !asan

package hostile

const sanitized = false
