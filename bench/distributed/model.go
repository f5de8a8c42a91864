package main

import (
	"fmt"
	"math"
	"time"
)

// network is what lies between machines; the zero value is one machine.
type network struct {
	machines int
	latency  time.Duration // one way
	rate     float64       // bytes a second
}

func (net network) String() string {
	if net.machines == 0 {
		return "one machine"
	}
	return fmt.Sprintf("%d machines, %v Gbit/s, %v one way", net.machines, net.rate/gigabit, net.latency)
}

// buckets of the network that worker.go trains are the bytes of gradients that DistributedDataParallel moves at once: from the
// last parameter on, until the first bucket has 1 MiB, and then 25.
var buckets = []float64{
	4 * (10 + 10*512 + 512 + 512*512), // the last two layers
	4 * (512 + 512*784),
}

// What Gloo's all-reduce does by default, a ring: each of n processes reduces a part and
// then gives it to all, and sends n-1 parts for each of the two. A part goes in segments of
// at most 1 MiB, at least two, of which two are on the way at a time. The receiver asks for
// each, so that a segment takes the latency twice, and its bytes.
const largestSegment = 1 << 20

// segments returns how many there are of a process's part, and their bytes.
func segments(bucket float64, n int) (count int, bytes float64) {
	count = max(2, int(math.Ceil(math.Ceil(bucket/largestSegment)/float64(n))))
	return count, bucket / float64(count*n)
}

// moving predicts how long all-reduces of n processes take. Gloo has two threads, and so
// moves two buckets at a time, by one line.
func (net network) moving(n int, buckets ...float64) (sum time.Duration) {
	for rest := buckets; len(rest) > 0; rest = rest[min(2, len(rest)):] {
		rounds, line := 0, 0.0 // the line's seconds in a round
		whole := 0.0           // seconds that the line needs at least
		for _, bucket := range rest[:min(2, len(rest))] {
			count, bytes := segments(bucket, n)
			rounds = max(rounds, count*(n-1))
			line += bytes / net.rate
			whole += 2 * float64(count*(n-1)) * bytes / net.rate
		}
		waiting := float64(rounds) * (2*net.latency.Seconds() + line)
		sum += time.Duration(max(whole, waiting) * float64(time.Second))
	}
	return sum
}

// milliseconds of a step, or of an all-reduce.
func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

// wireBytes predicts what all processes send in a step.
func wireBytes(n int) (bytes float64) {
	for _, bucket := range buckets {
		bytes += 2 * float64(n-1) * bucket
	}
	return bytes
}
