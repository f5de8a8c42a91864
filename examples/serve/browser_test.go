//go:build browser

package main

import (
	"context"
	"math"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A point of a stroke, in pixels of the drawing pad.
type point struct{ x, y float64 }

// arc returns points of a part of an ellipse, from and to in degrees, clockwise from the
// right.
func arc(x, y, width, height, from, to float64) (list []point) {
	for i := range 25 {
		a := (from + (to-from)*float64(i)/24) * math.Pi / 180
		list = append(list, point{x + width*math.Cos(a), y + height*math.Sin(a)})
	}
	return list
}

// figures are the strokes of digits.
var figures = map[string][][]point{
	"0": {arc(140, 140, 55, 85, -90, 270)},
	"1": {{{140, 55}, {138, 225}}},
	"2": {append(arc(140, 100, 50, 45, -170, 50), point{90, 220}, point{200, 220})},
	"3": {append(arc(130, 95, 50, 42, -150, 90), arc(130, 180, 58, 45, -90, 150)...)},
	"4": {{{110, 60}, {85, 150}, {195, 150}}, {{175, 60}, {165, 230}}},
	"7": {{{80, 65}, {200, 65}, {130, 225}}},
}

// page is the page in a browser.
type page struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // a tab of the browser
	box struct{ X, Y, Width float64 }
}

// do runs an action.
func do[T any](p *page, a chromedp.Action[T]) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, a)
	require.NoError(p.t, err)
	return v
}

// js returns the value of an expression.
func js[T any](p *page, expression string) T {
	p.t.Helper()
	return do(p, chromedp.Evaluate[T](expression))
}

// send sends a command to the page.
func send[P, R any](p *page, command cdp.Command[P, R], params P) {
	p.t.Helper()
	do(p, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	}))
}

// at returns where a point of the drawing pad is.
func (p *page) at(q point) (x, y float64) {
	return p.box.X + q.x*p.box.Width/280, p.box.Y + q.y*p.box.Width/280
}

// clear clears the pad.
func (p *page) clear() {
	js[any](p, `document.getElementById("clear").click(); delete document.getElementById("answer").dataset.digit; null`)
}

// reads fails unless the page says that the drawing is a digit.
func (p *page) reads(digit string) {
	p.t.Helper()
	text := ""
	assert.Eventually(p.t, func() bool {
		text = js[string](p, `busy || again ? "busy" : document.getElementById("answer").textContent`)
		return text == "It is a "+digit+"."
	}, 10*time.Second, 20*time.Millisecond)
	assert.Equal(p.t, "It is a "+digit+".", text)
}

// draw draws strokes with the mouse.
func (p *page) draw(strokes [][]point) {
	mouse := func(kind input.DispatchMouseEventType, q point) {
		x, y := p.at(q)
		send(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1})
	}
	for _, s := range strokes {
		mouse(input.DispatchMouseEventTypeMousePressed, s[0])
		for _, q := range s[1:] {
			mouse(input.DispatchMouseEventTypeMouseMoved, q)
		}
		mouse(input.DispatchMouseEventTypeMouseReleased, s[len(s)-1])
	}
}

// touch draws a stroke with a finger.
func (p *page) touch(stroke []point) {
	event := func(kind input.DispatchTouchEventType, points ...point) {
		list := []*input.TouchPoint{}
		for _, q := range points {
			x, y := p.at(q)
			list = append(list, &input.TouchPoint{X: x, Y: y})
		}
		send(p, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: list})
	}
	event(input.DispatchTouchEventTypeTouchStart, stroke[0])
	for i, to := range stroke[1:] {
		for step := range 10 {
			f := float64(step+1) / 10
			event(input.DispatchTouchEventTypeTouchMove, point{stroke[i].x + f*(to.x-stroke[i].x), stroke[i].y + f*(to.y-stroke[i].y)})
		}
	}
	event(input.DispatchTouchEventTypeTouchEnd)
}

// key presses a key.
func (p *page) key(name string, modifiers int64) {
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		send(p, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: name, Modifiers: modifiers})
	}
}

// newPage opens the page in a browser, GOTORCH_BROWSER.
func newPage(t *testing.T, url string) *page {
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(940, 1020))
	if path := os.Getenv("GOTORCH_BROWSER"); path != "" {
		flags = append(flags, chromedp.ExecPath(path))
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, end := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(end)
	p := &page{t: t, ctx: ctx}
	do(p, chromedp.Navigate(url))
	p.box = js[struct{ X, Y, Width float64 }](p, `document.getElementById("pad").getBoundingClientRect().toJSON()`)
	return p
}

// TestPage draws digits with the mouse in a browser, and one with a finger and one with keys,
// and looks for a sentence. GOTORCH_PICTURE is where a picture of the page goes.
func TestPage(t *testing.T) {
	app, err := newApp(t.Context(), options{}, os.Stderr)
	require.NoError(t, err)
	server := httptest.NewServer(app.server)
	t.Cleanup(func() {
		server.Close()
		assert.NoError(t, app.server.Shutdown(context.Background()))
		assert.NoError(t, app.close())
	})
	p := newPage(t, server.URL)
	for digit, strokes := range figures {
		p.clear()
		p.draw(strokes)
		p.reads(digit)
		if path := os.Getenv("GOTORCH_PICTURE"); path != "" && digit == "3" {
			time.Sleep(500 * time.Millisecond)                                                 // for the bars
			require.NoError(t, os.WriteFile(path, do(p, chromedp.CaptureScreenshot()), 0o644)) //nolint:gosec // a picture
		}
	}

	p.clear()
	p.touch(figures["7"][0])
	p.reads("7")

	p.clear() // which gives the pad the focus
	for range 8 {
		p.key("ArrowUp", 0)
	}
	for range 16 {
		p.key("ArrowDown", 8) // with Shift
	}
	p.reads("1")
	p.key("Escape", 0)
	assert.Empty(t, js[string](p, `document.getElementById("answer").textContent`))

	js[any](p, `document.getElementById("tab-search").click(); null`)
	send(p, input.InsertText, input.InsertTextParams{Text: "a computer that reads what people write"})
	assert.Eventually(t, func() bool {
		return js[string](p, `document.querySelector("#hits span")?.textContent ?? ""`) == "The neural network learned to read handwriting."
	}, 10*time.Second, 20*time.Millisecond)
	if path := os.Getenv("GOTORCH_PICTURE"); path != "" {
		require.NoError(t, os.WriteFile(strings.TrimSuffix(path, ".png")+"-search.png", do(p, chromedp.CaptureScreenshot()), 0o644)) //nolint:gosec // a picture
	}
}
