// Package freeport finds ports for jobs of several processes.
package freeport

import "net"

// Find returns a TCP port that nobody listens on, on any of the machine's addresses.
func Find() (int, error) {
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
