package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// result is what a load saw.
type result struct {
	rate     float64 // requests a second
	p50, p99 time.Duration
}

// load asks a server for a time by so many clients, each of which asks again as soon as it
// has its answer. It speaks HTTP itself, since the server shares the processors with it.
func load(address, path string, bodies []string, clients int, length time.Duration) result {
	var mutex sync.Mutex
	var all []time.Duration
	end := time.Now().Add(length)
	var group sync.WaitGroup
	for c := range clients {
		group.Go(func() {
			conn := must(net.Dial("tcp", address))
			defer conn.Close()
			r := bufio.NewReader(conn)
			var times []time.Duration
			for i := c; ; i++ {
				start := time.Now()
				if !start.Before(end) {
					break
				}
				ask(conn, r, path, bodies[i%len(bodies)])
				times = append(times, time.Since(start))
			}
			mutex.Lock()
			defer mutex.Unlock()
			all = append(all, times...)
		})
	}
	group.Wait()
	slices.Sort(all)
	return result{float64(len(all)) / length.Seconds(), all[len(all)/2], all[len(all)*99/100]}
}

// ask sends a request and returns the body of its answer.
func ask(conn net.Conn, r *bufio.Reader, path, body string) string {
	_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
	must(0, err)
	resp := must(http.ReadResponse(r, nil)) //nolint:bodyclose // it is, below
	defer resp.Body.Close()
	answer := must(io.ReadAll(resp.Body))
	if resp.StatusCode != http.StatusOK {
		must(0, fmt.Errorf("%s: %s", resp.Status, answer))
	}
	return string(answer)
}
