//go:build browser

package main

import (
	"context"
	"math"
	"net/http/httptest"
	"os"
	"testing"
	"time"

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

// TestPage draws digits with the mouse in a browser, and one with a finger and one with keys,
// and looks for sentences. GOTORCH_BROWSER is the browser, and GOTORCH_PICTURE where a
// picture of the page goes.
func TestPage(t *testing.T) {
	app, err := newApp(t.Context(), options{}, os.Stderr)
	require.NoError(t, err)
	server := httptest.NewServer(app.server)
	defer server.Close()
	defer func() { assert.NoError(t, app.server.Shutdown(context.Background())) }()
	defer func() { assert.NoError(t, app.close()) }()
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(920, 640), chromedp.Flag("force-device-scale-factor", "1"))
	if path := os.Getenv("GOTORCH_BROWSER"); path != "" {
		flags = append(flags, chromedp.ExecPath(path))
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), flags...)
	defer stop()
	ctx, cancel := chromedp.NewContext(ctx)
	defer cancel()
	ctx, timeout := context.WithTimeout(ctx, 2*time.Minute)
	defer timeout()
	do := func(actions ...chromedp.Action) {
		t.Helper()
		require.NoError(t, chromedp.Run(ctx, actions...))
	}
	var box struct{ X, Y, Width float64 }
	do(chromedp.Navigate(server.URL), chromedp.WaitVisible("#pad"), chromedp.Evaluate(`document.getElementById("pad").getBoundingClientRect()`, &box))
	at := func(p point) (x, y float64) { return box.X + p.x*box.Width/280, box.Y + p.y*box.Width/280 }
	reads := func(digit string) {
		t.Helper()
		do(chromedp.WaitVisible(`#answer[data-digit="`+digit+`"]`), chromedp.Poll(`!busy`, nil))
		var text string
		do(chromedp.Text("#answer", &text))
		assert.Equal(t, "It is a "+digit+".", text)
	}
	clear := chromedp.Tasks{chromedp.Click("#clear"), chromedp.Evaluate(`delete document.getElementById("answer").dataset.digit`, nil)}

	mouse := func(kind input.MouseType, p point) chromedp.Action {
		x, y := at(p)
		return chromedp.MouseEvent(kind, x, y, chromedp.ButtonLeft)
	}
	for digit, strokes := range figures {
		do(clear)
		for _, s := range strokes {
			do(mouse(input.MousePressed, s[0]))
			for _, p := range s[1:] {
				do(mouse(input.MouseMoved, p))
			}
			do(mouse(input.MouseReleased, s[len(s)-1]))
		}
		do(chromedp.Sleep(300 * time.Millisecond))
		reads(digit)
		if path := os.Getenv("GOTORCH_PICTURE"); path != "" && digit == "3" {
			var picture []byte
			do(chromedp.Sleep(500*time.Millisecond), chromedp.CaptureScreenshot(&picture))
			require.NoError(t, os.WriteFile(path, picture, 0o644))
		}
	}

	// With a finger.
	do(clear)
	touch := func(kind input.TouchType, points ...point) chromedp.Action {
		list := []*input.TouchPoint{}
		for _, p := range points {
			x, y := at(p)
			list = append(list, &input.TouchPoint{X: x, Y: y})
		}
		return input.DispatchTouchEvent(kind, list)
	}
	seven := figures["7"][0]
	do(touch(input.TouchStart, seven[0]))
	for i := range seven[1:] {
		for step := range 10 {
			f := float64(step+1) / 10
			do(touch(input.TouchMove, point{seven[i].x + f*(seven[i+1].x-seven[i].x), seven[i].y + f*(seven[i+1].y-seven[i].y)}))
		}
	}
	do(touch(input.TouchEnd))
	reads("7")

	// With keys: up, and then down with Shift.
	do(clear, chromedp.Focus("#pad"))
	key := func(name string, modifiers input.Modifier) chromedp.Action {
		return input.DispatchKeyEvent(input.KeyDown).WithKey(name).WithModifiers(modifiers)
	}
	for range 8 {
		do(key("ArrowUp", 0))
	}
	for range 16 {
		do(key("ArrowDown", input.ModifierShift))
	}
	reads("1")
	do(key("Escape", 0))
	var text string
	do(chromedp.Text("#answer", &text))
	assert.Empty(t, text)

	// The other page.
	do(chromedp.Click("#tab-search"), chromedp.SendKeys("#question", "a computer that reads what people write"),
		chromedp.Poll(`document.querySelector("#hits span")?.textContent.includes("neural network")`, nil))
	do(chromedp.Text("#hits li", &text))
	assert.Contains(t, text, "The neural network learned to read handwriting.")
}
