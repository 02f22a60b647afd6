"""Pages for officers: server-rendered, Chinese first, whole without JavaScript."""
