#!/usr/bin/env bash
# What the Kotlin binding needs is what the Java one needs; Maven brings the compiler.
exec "$(dirname "$0")/../java/setup.sh"
