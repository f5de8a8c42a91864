package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// ListenAndServe listens on an address of TCP, such as ":8080", and serves as [Server.Serve]
// does.
func (s *Server) ListenAndServe(ctx context.Context, address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return s.Serve(ctx, l)
}

// Serve answers requests until ctx ends. Then it says that it is not ready and still takes
// requests for the time of Grace, so that others learn of it; then it closes the listener,
// answers what was taken, shuts the server down and returns nil, or an error if DrainTimeout
// was not enough. It also returns when the listener fails.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	readTimeout := option.Or(s.options.ReadTimeout, 10*time.Second)
	open := connections{states: map[net.Conn]opened{}}
	h := &http.Server{
		ConnState:         open.note,
		Handler:           s,
		ReadHeaderTimeout: readTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.log.Info("serving", "address", l.Addr().String())
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(netutil.LimitListener(l, option.Or(s.options.MaxConnections, 10_000))) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		s.leaving.Store(true)
		s.log.Info("draining")
		time.Sleep(option.Or(s.options.Grace, 500*time.Millisecond))
		_ = l.Close()
		if end := <-failed; !errors.Is(end, net.ErrClosed) {
			err = end
		}
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), option.Or(s.options.DrainTimeout, 30*time.Second))
	defer cancel()
	open.wait(drain)
	err = errors.Join(err, h.Shutdown(drain), s.Shutdown(drain))
	if err != nil {
		_ = h.Close()
	}
	return err
}
