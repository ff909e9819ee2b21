Attribute VB_Name = "PerfBridge"
Option Explicit
' The way from Excel to Python and back. This is the only module that knows xlwings.

' Asks Python for the value of a worksheet function. What goes wrong is a real error value; PERF_LASTERROR tells why.
Public Function PerfCall(ByVal functionName As String, ByVal arguments As Variant) As Variant
    #If Mac Then
        PerfCall = CVErr(xlErrNA)
    #Else
        If Not PerfPythonFound() Then
            PerfNoteReason PerfText("no-python")
            PerfCall = CVErr(xlErrNA)
            Exit Function
        End If
        On Error GoTo failed
        PerfCall = PerfWithErrors( _
            XLPy.CallUDF("xlperf.addin.udfs", functionName, arguments, PerfBook(), Application.Caller))
        PerfNoteReason ""
        Exit Function
failed:
        PerfNoteReason functionName & ": " & Err.Description
        PerfCall = CVErr(xlErrValue)
    #End If
End Function

' Asks for the reason of the last error. Where a call did not reach Python, the reason is known only here.
Public Function PerfTold(ByVal functionName As String, ByVal arguments As Variant) As Variant
    PerfTold = PerfReason()
    If PerfTold = "" Then PerfTold = PerfCall(functionName, arguments)
End Function

' Runs a macro of xlperf.addin.macros.
Public Sub PerfRunMacro(ByVal macroName As String)
    If PerfPythonFound() Then
        RunPython "import xlperf.addin.macros as macros; macros." & macroName & "()"
    Else
        PerfTell "no-python"
    End If
End Sub

' Whether the Python that is to be called is there; looked up once, since a wrong path costs a minute to find out.
Public Function PerfPythonFound() As Boolean
    Static looked As Boolean
    Static found As Boolean
    If Not looked Then
        found = PythonIsThere()
        looked = True
    End If
    PerfPythonFound = found
End Function

Private Function PythonIsThere() As Boolean
    #If Mac Then
        PythonIsThere = True    ' RunPython itself says what is missing
    #Else
        Dim interpreter As String
        Dim condaPath As String
        condaPath = GetConfig("CONDA PATH")
        interpreter = GetConfig("INTERPRETER_WIN")
        If interpreter = "" Then interpreter = GetConfig("INTERPRETER", "python")
        If condaPath <> "" Then
            PythonIsThere = True
        ElseIf InStr(interpreter, "\") > 0 Then
            PythonIsThere = FileExists(interpreter)
        Else
            PythonIsThere = IsOnPath(interpreter & ".exe")
        End If
    #End If
End Function

Private Function IsOnPath(ByVal fileName As String) As Boolean
    Dim folder As Variant
    For Each folder In Split(Environ("PATH"), ";")
        If folder <> "" Then
            If FileExists(folder & "\" & fileName) Then
                IsOnPath = True
                Exit Function
            End If
        End If
    Next folder
End Function
