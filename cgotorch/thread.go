package cgotorch

import "runtime"

// The main goroutine keeps the process's first thread to itself, as it does in
// programs with a graphical interface. OpenMP gives each thread that calls it a
// pool of workers, and once there are more of them than processors they no longer
// spin while they wait. A training loop that the scheduler moved to a second thread
// took more than twice the time from then on.
func init() { runtime.LockOSThread() }
