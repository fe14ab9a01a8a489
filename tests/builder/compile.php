<?php
// Compiles every PHP file of a folder without running it, and prints what PHP says of each: errors, deprecations.
// A return at its beginning leaves a file nothing to do; PHP compiles all of it before it begins.

error_reporting(E_ALL);
$found = [];
$current = '';
set_error_handler(function ($level, $message, $file, $line) use (&$found, &$current) {
    $found[] = "$current:$line: $message";
    return true;
});

function with_return($code) {
    $isinnamespace = (bool) preg_match('/^namespace\s/m', $code);
    $result = '';
    $begun = !$isinnamespace;
    $done = false;
    foreach (token_get_all($code) as $token) {
        $result .= is_array($token) ? $token[1] : $token;
        $begun = $begun || (is_array($token) && $token[0] === T_NAMESPACE);
        $isplace = $isinnamespace ? $token === ';' : (is_array($token) && $token[0] === T_OPEN_TAG);
        if ($begun && $isplace && !$done) {
            $result .= 'return; ';
            $done = true;
        }
    }
    return $result;
}

$files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($argv[1], FilesystemIterator::SKIP_DOTS));
$count = 0;
foreach ($files as $file) {
    if (substr($file, -4) === '.php') {
        $current = substr($file, strlen($argv[1]) + 1);
        $count++;
        try {
            eval('?>' . with_return(file_get_contents($file)));
        } catch (Throwable $fault) {
            $found[] = "$current:" . $fault->getLine() . ': ' . $fault->getMessage();
        }
    }
}
echo json_encode([PHP_MAJOR_VERSION, PHP_MINOR_VERSION, $count, $found]);
