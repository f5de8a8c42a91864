package cgotorch

import "os"

// spinCount is how often a thread of GNU's OpenMP looks whether the others are
// done before it sleeps. Its own 300,000 are milliseconds, which all threads lose
// at each barrier where another program runs on one of the processors: small
// networks then train ten times slower and more. With 2,000 they lose little, and
// nothing where the machine is free.
const spinCount = "2000"

// limitSpinning makes an OpenMP that is loaded before undo spin so long, unless the
// user's environment says how threads wait. Without the policy they would sleep at
// once as soon as a second thread has a pool, which a goroutine brings about that
// changes its thread.
func limitSpinning() (undo func()) {
	settings := map[string]string{"GOMP_SPINCOUNT": spinCount, "OMP_WAIT_POLICY": "active"}
	for name := range settings {
		if _, ok := os.LookupEnv(name); ok {
			return func() {}
		}
	}
	for name, value := range settings {
		_ = os.Setenv(name, value) // it could only fail for names and values that are none
	}
	return func() {
		for name := range settings {
			_ = os.Unsetenv(name)
		}
	}
}
