package cgotorch

import (
	"os"
	"runtime"
)

// The main goroutine keeps the process's first thread to itself, as it does in
// programs with a graphical interface. OpenMP gives each thread that calls it a
// pool of workers, and once there are more of them than processors they no longer
// spin while they wait. A training loop that the scheduler moved to a second thread
// took more than twice the time from then on.
func init() { runtime.LockOSThread() }

// spinCount is how often a thread of GNU's OpenMP looks whether the others are
// done before it sleeps. Its own 300,000 are milliseconds, which all threads lose
// at each barrier where another program runs on one of the processors: small
// networks then train ten times slower and more. With 2,000 they lose little, and
// nothing where the machine is free.
const spinCount = "2000"

// limitSpinning sets spinCount for an OpenMP that is loaded before undo, unless the
// user's environment says how threads wait.
func limitSpinning() (undo func()) {
	const name = "GOMP_SPINCOUNT"
	for _, set := range []string{name, "OMP_WAIT_POLICY"} {
		if _, ok := os.LookupEnv(set); ok {
			return func() {}
		}
	}
	if os.Setenv(name, spinCount) != nil {
		return func() {}
	}
	return func() { os.Unsetenv(name) }
}
