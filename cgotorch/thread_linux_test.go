package cgotorch_test

import (
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// mainStays says whether the main goroutine was always on the first thread.
var mainStays = true

func init() { beforeTests = watchMain }

// watchMain blocks again and again, while another goroutine takes every chance to
// run instead.
func watchMain() {
	stop := make(chan bool)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.Gosched()
			}
		}
	}()
	for range 200 {
		time.Sleep(50 * time.Microsecond)
		mainStays = mainStays && syscall.Gettid() == os.Getpid()
	}
	close(stop)
}

func TestMainGoroutineKeepsItsThread(t *testing.T) { assert.True(t, mainStays) }
