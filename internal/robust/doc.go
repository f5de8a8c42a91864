// Package robust holds tests of what must not corrupt memory or end a process. Each
// runs in a child process, which the test binary is once more, so that a crash is a
// failed test.
package robust
