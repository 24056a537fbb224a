// The example of the README stands there word for word, and prints what is said there.
package dev.cairn.kotlin

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class ExampleTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun printsWhatTheReadmeSays() {
        val readme = Files.readString(Path.of("README.md"))
        val code = Files.readString(Path.of("examples/dev/cairn/kotlin/Todos.kt"))
        assertTrue("```kotlin\n${code.substring(code.indexOf("@file"))}```" in readme, "the code is not the README's")

        val before = System.out
        val printed = ByteArrayOutputStream()
        System.setOut(PrintStream(printed, true, Charsets.UTF_8))
        try {
            dev.cairn.kotlin.examples.main(arrayOf(folder.resolve("todos.cairn").toString()))
        } finally {
            System.setOut(before)
        }
        val output = printed.toString(Charsets.UTF_8)
        assertEquals("buy milk\nbake bread by 2026-05-02T08:00:00Z\nbuy milk by 2026-05-01T08:00:00Z\nmilk is done: true\n", output)
        assertTrue("```\n$output```" in readme, "the output is not the README's")
    }
}
