"""What the chat page needs below its surface: words, HTML, jobs in threads. No module here imports Streamlit."""
