//go:build race || asan

package hostile

// sanitized says that the process takes memory and time for a sanitizer, too.
const sanitized = true
